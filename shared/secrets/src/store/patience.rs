//! How long, and at what distance, a call that failed is repeated.

use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use broker_core::clock::{Clock, Deadline};
use jiff::SignedDuration;

use crate::error::{Failure, Kind};
use crate::pace::Pace;

/// Longest first pause; each further one may be twice as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_millis(100);

/// Longest pause of all. Throttling by quota ends within a second or two of everybody slowing down.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// Shortest pause. Full jitter would now and then be no pause at all.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_millis(20);

/// Repeats one call for as long as that can help.
#[derive(Debug)]
pub(super) struct Patience<'a, C> {
    pub(super) clock: &'a C,
    pub(super) pace: &'a Pace<C>,
    pub(super) deadline: Deadline,
}

impl<C: Clock> Patience<'_, C> {
    /// Makes the call, and makes it again after passing failures until the deadline. It is made at least once even if
    /// the deadline is over: what is to be stored may be the only copy of a refresh token.
    pub(super) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        make: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        T: Send,
        E: ProvideErrorMetadata + Send,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        let mut attempt = 0_u32;
        loop {
            self.pace.slot().await;
            let failure = match make().await {
                Ok(answer) => return Ok(answer),
                Err(error) => Failure::of(operation, &error),
            };
            let pause = pause(attempt);
            if !failure.is(Kind::Passing) || !self.deadline.allows(self.clock.now(), pause) {
                return Err(failure);
            }
            tracing::debug!(
                operation,
                code = failure.code,
                attempt,
                pause_ms = pause.as_millis(),
                "store call repeated"
            );
            self.clock.sleep(pause).await;
            attempt = attempt.saturating_add(1);
        }
    }
}

/// Exponential, with jitter over the whole length, so that environments that failed together do not come back together.
fn pause(attempt: u32) -> SignedDuration {
    let longest = FIRST_PAUSE.saturating_mul(2_i32.saturating_pow(attempt)).min(LONGEST_PAUSE);
    longest.mul_f64(fastrand::f64()).max(SHORTEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_between_their_bounds() {
        for attempt in [0, 1, 5, 31, 32, u32::MAX] {
            for _ in 0..100 {
                let it = pause(attempt);
                assert!((SHORTEST_PAUSE..=LONGEST_PAUSE).contains(&it), "{attempt}: {it:?}");
            }
        }
        assert!((0..100).all(|_| pause(0) <= FIRST_PAUSE));
    }
}
