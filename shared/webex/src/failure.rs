//! From what happened to the error that the port knows.

use broker_core::port::{WebexError, WebexErrorKind};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::call::Call;
use crate::envelope::{self, Envelope};
use crate::hold::Held;
use crate::http::{Lost, Reply};
use crate::retry::How;

/// Longest `Retry-After` that is believed: beyond it somebody mixed up the unit, and no Lambda instance lives longer.
const LONGEST_STAY_AWAY: SignedDuration = SignedDuration::from_hours(24);

/// An attempt that failed: for the policy and for the caller.
pub(crate) struct Failure {
    pub(crate) how: How,
    pub(crate) error: WebexError,
}

/// Webex answered with something that is not a success, at `now`.
pub(crate) fn answered(call: &Call<'_>, reply: &Reply, now: Timestamp) -> Failure {
    let envelope = Envelope::read(&reply.body, &call.redactor());
    let retry_after = retry_after(&reply.headers, now);
    let (status, kind) = (reply.status, WebexErrorKind::Answered(reply.status));
    let error = WebexError {
        code: envelope.code,
        description: envelope.description,
        tracking_id: header_tracking_id(call, reply).or(envelope.tracking_id),
        retry_after,
        ..bare(call.operation, kind)
    };
    let how = How::Answered { status, retry_after };
    Failure { how, error }
}

/// No complete answer came. The tracking id is the one `sent`, if it can have arrived: Webex may have logged it.
pub(crate) fn lost(call: &Call<'_>, lost: &Lost, sent: String) -> Failure {
    let (kind, code, tracking_id) = match lost.how {
        How::TimedOut => (WebexErrorKind::TimedOut, None, Some(sent)),
        How::Broken | How::Answered { .. } => (WebexErrorKind::Unreachable, None, Some(sent)),
        How::NotConnected => (WebexErrorKind::Unreachable, None, None),
        How::Unsendable => (WebexErrorKind::Unreachable, Some("unsendable_request".to_owned()), None),
    };
    let error = WebexError {
        code,
        description: envelope::words(&lost.cause, &call.redactor()),
        tracking_id,
        ..bare(call.operation, kind)
    };
    Failure { how: lost.how, error }
}

/// A success whose body is not what was asked for; `reason` is ours and quotes nothing.
pub(crate) fn unintelligible(call: &Call<'_>, reply: &Reply, reason: &str) -> WebexError {
    let in_body = || Envelope::read(&reply.body, &call.redactor()).tracking_id;
    WebexError {
        description: Some(reason.to_owned()),
        tracking_id: header_tracking_id(call, reply).or_else(in_body),
        ..bare(call.operation, WebexErrorKind::Unintelligible)
    }
}

/// The deadline leaves no time for an attempt; nothing was sent.
pub(crate) fn no_time(operation: &'static str) -> WebexError {
    WebexError {
        description: Some("not asked: there is no time left".to_owned()),
        ..bare(operation, WebexErrorKind::TimedOut)
    }
}

/// An earlier 429 holds the sender back for longer than the deadline allows; nothing was sent.
pub(crate) fn held(operation: &'static str, held: Held, now: Timestamp) -> WebexError {
    WebexError {
        description: Some("not asked: an earlier answer told this process to wait".to_owned()),
        tracking_id: held.tracking_id,
        retry_after: Some(held.until.duration_since(now)),
        ..bare(operation, WebexErrorKind::Answered(429))
    }
}

fn bare(operation: &'static str, kind: WebexErrorKind) -> WebexError {
    WebexError { operation, kind, code: None, description: None, tracking_id: None, retry_after: None }
}

/// The tracking id that the header `trackingid` holds.
pub(crate) fn header_tracking_id(call: &Call<'_>, reply: &Reply) -> Option<String> {
    let header = reply.headers.get("trackingid")?;
    envelope::tracking_id(header.to_str().ok()?, &call.redactor())
}

/// `Retry-After` (RFC 9110 section 10.2.3) as a wait from `now`: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = text.parse::<u32>().ok().map(|s| SignedDuration::from_secs(s.into()));
    let until = || rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let wait = seconds.or_else(|| Some(until()?.duration_since(now)))?;
    Some(wait.clamp(SignedDuration::ZERO, LONGEST_STAY_AWAY))
}
