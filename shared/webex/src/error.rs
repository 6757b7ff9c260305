//! Builds the port's errors from failed attempts.

use std::borrow::Cow;

use broker_core::port::{WebexError, WebexErrorKind};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};

use crate::envelope::{self, ErrorEnvelope};
use crate::http::{RawResponse, TransportError};
use crate::rate_limit_hold::RateLimitHold;
use crate::request::WebexRequest;
use crate::retry::AttemptFailure;

/// Longest `Retry-After` that is accepted. A longer one is a mistake of the unit, and no Lambda instance lives longer.
const LONGEST_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A failed attempt: the failure for the retry policy, the error for the caller.
pub(crate) struct FailedAttempt {
    pub(crate) failure: AttemptFailure,
    pub(crate) error: WebexError,
}

/// The error of a response, received at `now`, whose status is not 2xx.
pub(crate) fn from_response(request: &WebexRequest<'_>, response: &RawResponse, now: Timestamp) -> FailedAttempt {
    let status = response.status;
    let retry_after = retry_after(&response.headers, now);
    let mut error = match ErrorEnvelope::parse(&response.body, &request.redactor()) {
        Some(envelope) => WebexError {
            code: envelope.code,
            description: envelope.description,
            tracking_id: tracking_id(request, response),
            ..bare(request.operation, WebexErrorKind::Answered(status))
        },
        None => foreign_answer(request, response, "not an error of Webex"),
    };
    error.retry_after = retry_after;
    FailedAttempt { failure: AttemptFailure::Status { status, retry_after }, error }
}

/// The error of an attempt without a complete response. `sent_id` is the tracking id of the request: Webex may have
/// logged it if the request can have arrived.
pub(crate) fn from_transport(
    request: &WebexRequest<'_>,
    transport_error: &TransportError,
    sent_id: String,
) -> FailedAttempt {
    let failure = transport_error.failure;
    let mut error = bare(request.operation, WebexErrorKind::Unreachable);
    error.description = envelope::clean_text(&transport_error.message, &request.redactor());
    match failure {
        AttemptFailure::TimedOut => {
            error.kind = WebexErrorKind::TimedOut;
            error.tracking_id = Some(sent_id);
        }
        AttemptFailure::ConnectionLost | AttemptFailure::Status { .. } => error.tracking_id = Some(sent_id),
        AttemptFailure::NotConnected => {}
        AttemptFailure::InvalidRequest => error.code = Some("unsendable_request".to_owned()),
    }
    FailedAttempt { failure, error }
}

/// The error of a response that is not Webex's, or not what the endpoint documents. The body never reaches the error or
/// the log; `reason` must not quote it.
pub(crate) fn foreign_answer(request: &WebexRequest<'_>, response: &RawResponse, reason: &str) -> WebexError {
    let status = response.status;
    let content_type = content_type(request, response);
    let tracking_id = tracking_id(request, response);
    tracing::warn!(
        operation = request.operation,
        status,
        content_type,
        webex.tracking_id = tracking_id,
        reason,
        "the response is not one that Webex documents"
    );
    WebexError {
        description: Some(format!("HTTP {status}, {content_type}: {reason}")),
        tracking_id,
        ..bare(request.operation, WebexErrorKind::Foreign(status))
    }
}

fn content_type(request: &WebexRequest<'_>, response: &RawResponse) -> String {
    let text = match response.headers.get(CONTENT_TYPE) {
        Some(value) => String::from_utf8_lossy(value.as_bytes()),
        None => Cow::default(),
    };
    envelope::clean_text(&text, &request.redactor()).unwrap_or_else(|| "no content type".to_owned())
}

/// The error of a request that was not sent because the deadline is too close.
pub(crate) fn no_time(operation: &'static str) -> WebexError {
    WebexError {
        description: Some("the request was not sent: no time is left".to_owned()),
        ..bare(operation, WebexErrorKind::TimedOut)
    }
}

/// The error of a request that was not sent because a 429 holds its sender back for longer than the deadline allows.
pub(crate) fn held(operation: &'static str, hold: RateLimitHold, now: Timestamp) -> WebexError {
    WebexError {
        description: Some("the request was not sent: an earlier 429 asked to wait longer".to_owned()),
        tracking_id: hold.tracking_id,
        retry_after: Some(hold.until.duration_since(now)),
        ..bare(operation, WebexErrorKind::Answered(429))
    }
}

fn bare(operation: &'static str, kind: WebexErrorKind) -> WebexError {
    WebexError { operation, kind, code: None, description: None, tracking_id: None, retry_after: None }
}

/// The tracking id in the response header `trackingid`, or else in the body.
pub(crate) fn tracking_id(request: &WebexRequest<'_>, response: &RawResponse) -> Option<String> {
    let redactor = request.redactor();
    if let Some(header) = response.headers.get("trackingid")
        && let Ok(text) = header.to_str()
        && let Some(id) = envelope::clean_tracking_id(text, &redactor)
    {
        return Some(id);
    }
    envelope::tracking_id_in_body(&response.body, &redactor)
}

/// `Retry-After` (RFC 9110 section 10.2.3), in seconds or as a date, as a wait from `now`.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(seconds.into()),
        Err(_) => rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?.duration_since(now),
    };
    Some(wait.clamp(SignedDuration::ZERO, LONGEST_RETRY_AFTER))
}
