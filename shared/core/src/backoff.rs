//! Exponential back-off, the only one of the workspace.

use jiff::SignedDuration;

/// Waits that double from one attempt to the next, up to a longest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: SignedDuration,
    longest: SignedDuration,
}

impl Backoff {
    /// Waits that begin with `first` and never exceed `longest`.
    pub const fn new(first: SignedDuration, longest: SignedDuration) -> Self {
        Self { first, longest }
    }

    /// The wait after an attempt that `earlier` failed ones preceded.
    pub fn wait(self, earlier: u32) -> SignedDuration {
        self.first.saturating_mul(2_i32.saturating_pow(earlier)).min(self.longest)
    }

    /// A wait between zero and [`Self::wait`] ("full jitter"), so that clients that failed together do not try again
    /// together. `random` is a random number from 0 to 1.
    pub fn jittered(self, earlier: u32, random: f64) -> SignedDuration {
        self.wait(earlier).mul_f64(random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(SignedDuration::from_secs(1), SignedDuration::from_secs(10));

    #[test]
    fn wait_doubles_up_to_the_longest() {
        let waits: Vec<i64> = [0, 1, 2, 3, 4, 31, 32, u32::MAX].map(|earlier| BACKOFF.wait(earlier).as_secs()).into();
        assert_eq!(waits, [1, 2, 4, 8, 10, 10, 10, 10]);
    }

    #[test]
    fn jitter_covers_the_whole_wait() {
        let jittered = [0.0, 0.5, 1.0].map(|random| BACKOFF.jittered(2, random).as_millis());
        assert_eq!(jittered, [0, 2000, 4000]);
    }
}
