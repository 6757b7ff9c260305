//! The retry policy: a pure decision, and its constants.

use broker_core::backoff::Backoff;
use jiff::SignedDuration;

/// Attempts in all, the first included. With the back-off below the four delays take 3.75 s on average and 7.5 s at
/// most.
const MAX_ATTEMPTS: u32 = 5;

/// Bounds of the delays.
const BACKOFF: Backoff = Backoff::new(SignedDuration::from_millis(500), SignedDuration::from_secs(4));

/// Shortest time before the deadline in which an attempt is started. A refresh that is cut off may have spent its
/// refresh token.
pub(crate) const SHORTEST_ATTEMPT: SignedDuration = SignedDuration::from_millis(500);

/// When a request may be sent again after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resend {
    /// After any transient failure: a second execution does no harm.
    Always,
    /// Only after a failure that shows that Webex has not executed the request. An authorization code is valid for one
    /// exchange, and a second one may revoke the tokens of the first (RFC 6749 section 4.1.2).
    IfNotExecuted,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptFailure {
    /// The response has a status that is not 2xx.
    Status {
        status: u16,
        /// The value of `Retry-After`, if the response has one.
        retry_after: Option<SignedDuration>,
    },
    /// The request cannot be built. The next attempt would fail in the same way.
    InvalidRequest,
    /// No connection was made.
    NotConnected,
    /// No complete response came in time. Webex may have executed the request.
    TimedOut,
    /// The connection broke. Webex may have executed the request.
    ConnectionLost,
}

/// The delay before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryDelay {
    /// The delay that `Retry-After` asked for.
    Exactly(SignedDuration),
    /// A random delay, longer after more attempts. The number is that of the earlier ones.
    Random(u32),
}

/// The delay after attempt number `attempt` (from 1) failed. `None` means that the request is not sent again.
pub(crate) fn retry_delay(failure: AttemptFailure, resend: Resend, attempt: u32) -> Option<RetryDelay> {
    if attempt >= MAX_ATTEMPTS || !is_transient(failure) {
        return None;
    }
    if resend == Resend::IfNotExecuted && may_be_executed(failure) {
        return None;
    }
    match failure {
        AttemptFailure::Status { retry_after: Some(asked), .. } if asked.is_positive() => {
            Some(RetryDelay::Exactly(asked))
        }
        _ => Some(RetryDelay::Random(attempt - 1)),
    }
}

/// webex-api.md section 7: retry 429, 423, 5xx and failures of the connection; never another 4xx.
fn is_transient(failure: AttemptFailure) -> bool {
    match failure {
        AttemptFailure::Status { status, .. } => matches!(status, 423 | 429 | 500..),
        AttemptFailure::NotConnected | AttemptFailure::TimedOut | AttemptFailure::ConnectionLost => true,
        AttemptFailure::InvalidRequest => false,
    }
}

/// Whether Webex may have executed the request.
fn may_be_executed(failure: AttemptFailure) -> bool {
    match failure {
        AttemptFailure::Status { status, .. } => status >= 500,
        AttemptFailure::TimedOut | AttemptFailure::ConnectionLost => true,
        AttemptFailure::InvalidRequest | AttemptFailure::NotConnected => false,
    }
}

impl RetryDelay {
    /// The delay itself, drawn at random where only a bound is given.
    pub(crate) fn draw(self) -> SignedDuration {
        match self {
            Self::Exactly(asked) => asked,
            Self::Random(earlier) => BACKOFF.jittered(earlier, fastrand::f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<i64>) -> AttemptFailure {
        AttemptFailure::Status { status, retry_after: retry_after.map(SignedDuration::from_secs) }
    }

    #[test]
    fn request_is_sent_five_times_at_most() {
        let mut delays = Vec::new();
        for attempt in 1..=5 {
            delays.push(retry_delay(AttemptFailure::TimedOut, Resend::Always, attempt));
        }
        assert_eq!(
            delays,
            [0, 1, 2, 3].map(RetryDelay::Random).map(Some).into_iter().chain([None]).collect::<Vec<_>>()
        );
        assert_eq!([0, 1, 2, 3].map(|earlier| BACKOFF.wait(earlier).as_millis()), [500, 1000, 2000, 4000]);
    }

    #[test]
    fn retry_after_is_taken_exactly_unless_it_is_zero() {
        let asked = |seconds| retry_delay(status(429, seconds), Resend::Always, 1);
        assert_eq!(asked(Some(7)), Some(RetryDelay::Exactly(SignedDuration::from_secs(7))));
        assert_eq!(asked(Some(0)), asked(None));
    }

    #[test]
    fn exchange_is_resent_only_if_it_was_not_executed() {
        let resent = |failure| retry_delay(failure, Resend::IfNotExecuted, 1).is_some();
        assert!(resent(status(429, None)) && resent(status(423, None)) && resent(AttemptFailure::NotConnected));
        assert!(!resent(status(500, None)));
        assert!(!resent(AttemptFailure::TimedOut) && !resent(AttemptFailure::ConnectionLost));
    }
}
