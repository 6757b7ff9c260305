//! Error responses: `application/problem+json` (RFC 9457).

use jiff::SignedDuration;
use lambda_http::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::http_function;

/// The kinds of problem. Each has a type URI, a title and a status, which is always an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// 400: an id, a parameter or the body is invalid.
    BadRequest,
    /// 401: the caller has not proven its identity.
    Unidentified,
    /// 401: a signature is missing, malformed or wrong.
    BadSignature,
    /// 403: the caller lacks permission.
    Forbidden,
    /// 404: the resource does not exist.
    NotFound,
    /// 405: the resource does not support the method.
    MethodNotAllowed,
    /// 409: Webex has not confirmed the grant yet.
    Pending,
    /// 410: an event says that the organisation has withdrawn its authorisation.
    Fenced,
    /// 410: the organisation has withdrawn its authorisation.
    Revoked,
    /// 413: the body is too large.
    TooLarge,
    /// 429: the caller or the broker sends too many requests.
    Throttled,
    /// 502: Webex refused the request.
    WebexRefused,
    /// 503: a service that the function needs is unavailable.
    Unavailable,
    /// 503: the token expires too soon and cannot be renewed now.
    NotRenewed,
}

impl ProblemKind {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unidentified | Self::BadSignature => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Pending => StatusCode::CONFLICT,
            Self::Fenced | Self::Revoked => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::WebexRefused => StatusCode::BAD_GATEWAY,
            Self::Unavailable | Self::NotRenewed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The last part of the type URI.
    fn slug(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Unidentified => "unidentified",
            Self::BadSignature => "bad-signature",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Pending => "pending",
            Self::Fenced => "fenced",
            Self::Revoked => "revoked",
            Self::TooLarge => "too-large",
            Self::Throttled => "throttled",
            Self::WebexRefused => "webex-refused",
            Self::Unavailable => "unavailable",
            Self::NotRenewed => "not-renewed",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "Invalid request",
            Self::Unidentified => "Authentication required",
            Self::BadSignature => "Invalid signature",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Pending => "Authorisation pending",
            Self::Fenced => "Authorisation suspended",
            Self::Revoked => "Authorisation withdrawn",
            Self::TooLarge => "Request body too large",
            Self::Throttled => "Too many requests",
            Self::WebexRefused => "Webex refused the request",
            Self::Unavailable => "Service unavailable",
            Self::NotRenewed => "Token cannot be renewed now",
        }
    }
}

/// An error response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind, which determines type URI, title and status.
    pub kind: ProblemKind,
    /// What is wrong with this request and what the caller can do.
    pub detail: String,
    /// The tracking id of Webex's answer.
    pub tracking_id: Option<String>,
    /// When the caller may try again. The header has whole seconds, rounded up, at least one.
    pub retry_after: Option<SignedDuration>,
    header: Option<(HeaderName, &'static str)>,
}

impl Problem {
    /// A problem without tracking id or `Retry-After`.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), tracking_id: None, retry_after: None, header: None }
    }

    /// The method is not among `allowed`, which the header `Allow` names.
    pub fn method(allowed: &'static str) -> Self {
        let mut problem = Self::new(ProblemKind::MethodNotAllowed, format!("use {allowed}"));
        problem.header = Some((ALLOW, allowed));
        problem
    }

    /// Names the authentication scheme that the caller can use (RFC 9110 section 11.6.1).
    #[must_use]
    pub fn challenge(mut self, scheme: &'static str) -> Self {
        self.header = Some((WWW_AUTHENTICATE, scheme));
        self
    }

    /// Adds `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, after: SignedDuration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Adds the tracking id of Webex's answer.
    #[must_use]
    pub fn tracking_id(mut self, tracking_id: Option<String>) -> Self {
        self.tracking_id = tracking_id;
        self
    }

    /// The response for the caller.
    pub fn into_response(self) -> Response<Body> {
        let status = self.kind.status();
        let document = ProblemDocument {
            kind: format!("urn:webex-token-broker:problem:{}", self.kind.slug()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            tracking_id: self.tracking_id,
        };
        let mut response = http_function::json(status, &document);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(after) = self.retry_after {
            headers.insert(RETRY_AFTER, whole_seconds(after).into());
        }
        response
    }
}

fn whole_seconds(after: SignedDuration) -> u64 {
    let seconds = u64::try_from(after.as_secs()).unwrap_or(0);
    let rounded_up = if after.subsec_nanos() > 0 { seconds.saturating_add(1) } else { seconds };
    rounded_up.max(1)
}

#[derive(Serialize)]
struct ProblemDocument {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response_to(problem: Problem) -> String {
        let response = problem.into_response();
        let Body::Text(body) = response.body() else { panic!("no text") };
        format!("{} {:?}\n{body}", response.status(), response.headers())
    }

    #[test]
    fn response_has_headers_and_document() {
        let problem = Problem::new(ProblemKind::Unavailable, "Secrets Manager is unavailable")
            .retry_after(SignedDuration::from_millis(4_200))
            .tracking_id(Some("ROUTER_1".to_owned()));
        insta::assert_snapshot!(response_to(problem), @r#"
        503 Service Unavailable {"content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "5"}
        {"type":"urn:webex-token-broker:problem:unavailable","title":"Service unavailable","status":503,"detail":"Secrets Manager is unavailable","tracking_id":"ROUTER_1"}
        "#);
    }

    #[test]
    fn wrong_method_names_the_allowed_one() {
        insta::assert_snapshot!(response_to(Problem::method("POST")), @r#"
        405 Method Not Allowed {"content-type": "application/problem+json", "cache-control": "no-store", "allow": "POST"}
        {"type":"urn:webex-token-broker:problem:method-not-allowed","title":"Method not allowed","status":405,"detail":"use POST"}
        "#);
    }

    #[test]
    fn retry_after_is_at_least_one_second() {
        assert_eq!(whole_seconds(SignedDuration::ZERO), 1);
        assert_eq!(whole_seconds(SignedDuration::from_secs(-5)), 1);
        assert_eq!(whole_seconds(SignedDuration::from_secs(30)), 30);
    }
}
