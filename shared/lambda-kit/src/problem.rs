//! Answers that are not what was asked for: `application/problem+json` (RFC 9457).

use jiff::SignedDuration;
use lambda_http::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::http_function;

/// What sort of problem. Each has its type URI, its title and its status, none of them a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 400: an id, a parameter or a body that cannot be read.
    BadRequest,
    /// 401: who is asking is not known.
    Unidentified,
    /// 401: a signature is missing, malformed or wrong.
    BadSignature,
    /// 403: who is asking may not.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 405: not with this method.
    MethodNotAllowed,
    /// 409: the grant waits for Webex's word.
    Pending,
    /// 410: the org is said to have withdrawn.
    Fenced,
    /// 410: the org has withdrawn.
    Revoked,
    /// 413: more than is read.
    TooLarge,
    /// 429: Webex asks to be left alone.
    Throttled,
    /// 502: Webex refuses.
    WebexRefused,
    /// 503: something that is needed does not answer.
    Unavailable,
    /// 503: the token would end too soon and cannot be renewed now.
    NotRenewed,
}

impl Kind {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => (S::BAD_REQUEST, "bad-request", "The request cannot be understood"),
            Self::Unidentified => (S::UNAUTHORIZED, "unidentified", "The caller is not known"),
            Self::BadSignature => (S::UNAUTHORIZED, "bad-signature", "The signature does not hold"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "The caller may not do this"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "There is no such thing"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", "This cannot be done with this method")
            }
            Self::Pending => (S::CONFLICT, "pending", "Webex has not confirmed the grant yet"),
            Self::Fenced => (S::GONE, "fenced", "The organisation is said to have withdrawn the grant"),
            Self::Revoked => (S::GONE, "revoked", "The organisation has withdrawn the grant"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::Throttled => (S::TOO_MANY_REQUESTS, "throttled", "Too many requests"),
            Self::WebexRefused => (S::BAD_GATEWAY, "webex-refused", "Webex refused the request"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment"),
            Self::NotRenewed => {
                (S::SERVICE_UNAVAILABLE, "not-renewed", "The token would end too soon and cannot be renewed now")
            }
        }
    }

    /// Its HTTP status.
    pub fn status(self) -> StatusCode {
        self.parts().0
    }
}

/// A problem, for the caller's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort.
    pub kind: Kind,
    /// What happened and what to do about it.
    pub detail: String,
    /// Webex's tracking id, where it gave one.
    pub tracking_id: Option<String>,
    /// When to ask again; seconds, rounded up, at least one.
    pub retry_after: Option<SignedDuration>,
    header: Option<(HeaderName, &'static str)>,
}

impl Problem {
    /// A problem with nothing but words.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), tracking_id: None, retry_after: None, header: None }
    }

    /// The path is right and the method is not; `allowed` are.
    pub fn method(allowed: &'static str) -> Self {
        let problem = Self::new(Kind::MethodNotAllowed, format!("use {allowed}"));
        problem.header(ALLOW, allowed)
    }

    /// Says how the caller can show who it is (RFC 9110 section 11.6.1).
    #[must_use]
    pub fn challenge(self, scheme: &'static str) -> Self {
        self.header(WWW_AUTHENTICATE, scheme)
    }

    /// Says when to ask again.
    #[must_use]
    pub fn retry_after(mut self, after: SignedDuration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Carries Webex's tracking id on.
    #[must_use]
    pub fn tracking_id(mut self, tracking_id: Option<String>) -> Self {
        self.tracking_id = tracking_id;
        self
    }

    fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The answer.
    pub fn into_response(self) -> Response<Body> {
        let (status, slug, title) = self.kind.parts();
        let document = Document {
            kind: format!("urn:webex-token-broker:problem:{slug}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            tracking_id: self.tracking_id,
        };
        let mut response = http_function::json(status, &document);
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/problem+json"));
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
    let up = u64::from(after.subsec_nanos() > 0);
    u64::try_from(after.as_secs()).unwrap_or(0).saturating_add(up).max(1)
}

#[derive(Serialize)]
struct Document {
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

    fn shown(problem: Problem) -> String {
        let response = problem.into_response();
        let Body::Text(body) = response.body() else { panic!("no text") };
        format!("{} {:?}\n{body}", response.status(), response.headers())
    }

    #[test]
    fn a_problem_says_it_all() {
        let problem = Problem::new(Kind::Unavailable, "the store does not answer")
            .retry_after(SignedDuration::from_millis(4_200))
            .tracking_id(Some("ROUTER_1".to_owned()));
        insta::assert_snapshot!(shown(problem), @r#"
        503 Service Unavailable {"content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "5"}
        {"type":"urn:webex-token-broker:problem:unavailable","title":"Not possible at the moment","status":503,"detail":"the store does not answer","tracking_id":"ROUTER_1"}
        "#);
    }

    #[test]
    fn a_wrong_method_names_the_right_one() {
        insta::assert_snapshot!(shown(Problem::method("POST")), @r#"
        405 Method Not Allowed {"content-type": "application/problem+json", "cache-control": "no-store", "allow": "POST"}
        {"type":"urn:webex-token-broker:problem:method-not-allowed","title":"This cannot be done with this method","status":405,"detail":"use POST"}
        "#);
    }

    #[test]
    fn retry_after_is_never_zero() {
        assert_eq!(whole_seconds(SignedDuration::ZERO), 1);
        assert_eq!(whole_seconds(SignedDuration::from_secs(-5)), 1);
        assert_eq!(whole_seconds(SignedDuration::from_secs(30)), 30);
    }
}
