//! How often the operator key may be tried in one environment of the function.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Tries that may come at once: a person mistypes now and then.
const AT_ONCE: i32 = 5;
/// Time that one more try takes. A key of 128 random bits needs no throttle; one that somebody made up does.
const PER_TRY: SignedDuration = SignedDuration::from_secs(6);

/// A bucket of tries, as the moment at which it will be full again.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<Option<Timestamp>>);

impl Throttle {
    /// Takes one try; the error is how long there is none.
    pub(crate) fn take(&self, now: Timestamp) -> Result<(), SignedDuration> {
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let after = full_at.unwrap_or(now).max(now) + PER_TRY;
        let wait = after.duration_since(now) - PER_TRY * AT_ONCE;
        if wait > SignedDuration::ZERO {
            return Err(wait);
        }
        *full_at = Some(after);
        Ok(())
    }

    /// The right key was shown: whoever mistyped before is forgiven.
    pub(crate) fn forgive(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_at_once_then_one_in_six_seconds() {
        let throttle = Throttle::default();
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        for _ in 0..5 {
            assert!(throttle.take(now).is_ok());
        }
        assert_eq!(throttle.take(now), Err(PER_TRY));
        assert_eq!(throttle.take(now + PER_TRY / 2), Err(PER_TRY / 2));
        assert!(throttle.take(now + PER_TRY).is_ok());
        assert!(throttle.take(now + PER_TRY).is_err());
        throttle.forgive();
        assert!(throttle.take(now + PER_TRY).is_ok());
    }
}
