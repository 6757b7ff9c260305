//! The one retry policy: a pure decision, and the numbers it goes by.

use jiff::SignedDuration;

/// The first attempt included. With the back-off below four waits take 3.75 s on average, 7.5 s at most.
const MAX_ATTEMPTS: u32 = 5;
/// Upper bound of the first wait; it doubles with every attempt.
const FIRST_BACK_OFF: SignedDuration = SignedDuration::from_millis(500);
/// Time that an attempt must have before the deadline to be worth making. A refresh that is cut off has spent its
/// token.
pub(crate) const SHORTEST_ATTEMPT: SignedDuration = SignedDuration::from_millis(500);

/// Whether a call may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Doing it twice does no harm.
    Freely,
    /// Only if Webex cannot have done it: a code is good for one exchange, and a second one may revoke the first
    /// one's tokens (RFC 6749 section 4.1.2).
    UnlessDone,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// With a status.
    Answered {
        /// Not 2xx.
        status: u16,
        /// What Webex asked for.
        retry_after: Option<SignedDuration>,
    },
    /// Here, before anything was sent; the next attempt would fail in the same way.
    Unsendable,
    /// No connection was made.
    NotConnected,
    /// Sent, perhaps, and no answer in time.
    TimedOut,
    /// Sent, perhaps, and the connection broke.
    Broken,
}

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As Webex asked.
    Exactly(SignedDuration),
    /// A random time up to this ("full jitter"), so that those who failed together do not come back together.
    UpTo(SignedDuration),
}

/// What to do after the `attempt`th attempt (from 1) failed; `None` is to give up.
pub(crate) fn after(how: How, repeat: Repeat, attempt: u32) -> Option<Wait> {
    if attempt >= MAX_ATTEMPTS || !is_transient(how) || (repeat == Repeat::UnlessDone && may_be_done(how)) {
        return None;
    }
    match how {
        How::Answered { retry_after: Some(asked), .. } if asked.is_positive() => Some(Wait::Exactly(asked)),
        _ => Some(Wait::UpTo(FIRST_BACK_OFF * 2_i32.pow(attempt - 1))),
    }
}

/// webex-api.md section 7: retry 429 and 423, 5xx and what was lost on the way; never another 4xx.
fn is_transient(how: How) -> bool {
    match how {
        How::Answered { status, .. } => matches!(status, 423 | 429 | 500..),
        How::NotConnected | How::TimedOut | How::Broken => true,
        How::Unsendable => false,
    }
}

/// Whether Webex may have done what it was asked to.
fn may_be_done(how: How) -> bool {
    match how {
        How::Answered { status, .. } => status >= 500,
        How::TimedOut | How::Broken => true,
        How::Unsendable | How::NotConnected => false,
    }
}

impl Wait {
    /// The wait itself.
    pub(crate) fn draw(self) -> SignedDuration {
        match self {
            Self::Exactly(asked) => asked,
            Self::UpTo(most) => most.mul_f64(fastrand::f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: Option<i64>) -> How {
        How::Answered { status, retry_after: retry_after.map(SignedDuration::from_secs) }
    }

    #[test]
    fn the_back_off_doubles_and_ends() {
        let waits: Vec<_> = (1..=5).map(|n| after(How::TimedOut, Repeat::Freely, n)).collect();
        let up_to = |ms| Some(Wait::UpTo(SignedDuration::from_millis(ms)));
        assert_eq!(waits, [up_to(500), up_to(1000), up_to(2000), up_to(4000), None]);
    }

    #[test]
    fn jitter_never_exceeds_its_bound() {
        let most = SignedDuration::from_millis(500);
        assert!((0..1000).all(|_| (SignedDuration::ZERO..=most).contains(&Wait::UpTo(most).draw())));
    }

    #[test]
    fn what_webex_asks_for_is_taken_exactly_but_zero_is_no_wait() {
        let asked = |seconds| after(answered(429, seconds), Repeat::Freely, 1);
        assert_eq!(asked(Some(7)), Some(Wait::Exactly(SignedDuration::from_secs(7))));
        assert_eq!(asked(Some(0)), asked(None));
    }

    #[test]
    fn an_exchange_is_repeated_only_if_it_cannot_have_worked() {
        let repeated = |how| after(how, Repeat::UnlessDone, 1).is_some();
        assert!(repeated(answered(429, None)) && repeated(answered(423, None)) && repeated(How::NotConnected));
        assert!(!repeated(answered(500, None)) && !repeated(How::TimedOut) && !repeated(How::Broken));
    }
}
