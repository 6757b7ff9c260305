//! Retries of one call until a deadline.

use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use broker_core::backoff::Backoff;
use broker_core::clock::{Clock, Deadline};
use jiff::SignedDuration;

use crate::error::{CallError, CallErrorKind};
use crate::rate_limit::CallRateLimit;

/// Bounds of the pauses. Throttling by quota ends within a second or two once every client has slowed down.
const BACKOFF: Backoff = Backoff::new(SignedDuration::from_millis(100), SignedDuration::from_secs(5));

/// Shortest pause. Full jitter would sometimes be no pause at all.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_millis(20);

/// Repeats one call after transient failures.
#[derive(Debug)]
pub(super) struct CallRetry<'a, C> {
    pub(super) clock: &'a C,
    pub(super) rate_limit: &'a CallRateLimit<C>,
    pub(super) deadline: Deadline,
}

impl<C: Clock> CallRetry<'_, C> {
    /// Sends the call until it succeeds, fails for good or the deadline is reached. It is sent at least once even after
    /// the deadline: the document may hold the only copy of a refresh token.
    pub(super) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl Fn() -> F + Send + Sync,
    ) -> Result<T, CallError>
    where
        T: Send,
        E: ProvideErrorMetadata + Send,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        let mut attempt = 0_u32;
        loop {
            self.rate_limit.wait().await;
            let error = match send().await {
                Ok(answer) => return Ok(answer),
                Err(error) => CallError { is_repeated: attempt > 0, ..CallError::new(operation, &error) },
            };
            if error.is_throttling() {
                self.rate_limit.slow_down();
            }
            let pause = pause(attempt);
            if !error.is(CallErrorKind::Transient) || !self.deadline.allows(self.clock.now(), pause) {
                return Err(error);
            }
            tracing::debug!(
                operation,
                code = error.code,
                attempt,
                pause_ms = pause.as_millis(),
                "retrying a call to Secrets Manager"
            );
            self.clock.sleep(pause).await;
            attempt = attempt.saturating_add(1);
        }
    }
}

fn pause(attempt: u32) -> SignedDuration {
    BACKOFF.jittered(attempt, fastrand::f64()).max(SHORTEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_between_their_bounds() {
        for attempt in [0, 1, 5, 31, 32, u32::MAX] {
            for _ in 0..100 {
                let it = pause(attempt);
                assert!((SHORTEST_PAUSE..=BACKOFF.wait(attempt)).contains(&it), "{attempt}: {it:?}");
            }
        }
    }
}
