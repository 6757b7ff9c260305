//! What the client knows about one grant.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex as AsyncMutex;

use crate::error::Error;
use crate::token::VendedToken;

/// The time for which a broker that failed is not asked again while a token lives.
const PAUSE: Duration = Duration::from_secs(5);
/// The time for which a token is not reported again after the broker has confirmed that it lives.
const CONFIRMED: Duration = Duration::from_mins(1);

/// One grant: its token, and what the last requests for it said.
#[derive(Default)]
pub(crate) struct GrantSlot {
    /// Locked during a request to the broker, so that concurrent callers wait for its result instead of asking too.
    pub(crate) turn: AsyncMutex<()>,
    known: Mutex<KnownGrant>,
}

#[derive(Default)]
struct KnownGrant {
    /// The number of results so far.
    results: u64,
    /// The number of failures since the last token.
    failures: u32,
    held: Option<VendedToken>,
    failure: Option<LastFailure>,
    report: Option<LastReport>,
}

/// For which callers a result counts, and how long.
#[derive(Clone, Copy)]
struct ResultValidity {
    number: u64,
    from: SystemTime,
    until: SystemTime,
}

/// Why the last request failed, and for which life.
struct LastFailure {
    error: Error,
    min_ttl: Duration,
    validity: ResultValidity,
}

/// The result of reporting a token.
struct LastReport {
    sha256: String,
    result: Result<VendedToken, Error>,
    validity: ResultValidity,
}

impl ResultValidity {
    /// Whether the result came after `seen` others, while the caller waited, or still holds. After the clock was set back
    /// it does not.
    fn counts(self, seen: u64, now: SystemTime) -> bool {
        self.number > seen || (self.from <= now && now < self.until)
    }

    fn left(self, now: SystemTime) -> Duration {
        self.until.duration_since(now).unwrap_or_default()
    }
}

impl GrantSlot {
    /// The number of results so far.
    pub(crate) fn results(&self) -> u64 {
        self.known().results
    }

    /// The token that is held, if more than `min_ttl` of its life is left.
    pub(crate) fn held(&self, now: SystemTime, min_ttl: Duration) -> Option<VendedToken> {
        let known = self.known();
        let held = known.held.as_ref()?;
        if held.lives(now, min_ttl) { Some(held.clone()) } else { None }
    }

    /// The error of the last request, if a caller that saw `seen` results need not ask again. An error counts for callers
    /// that want as much life.
    pub(crate) fn remembered_failure(&self, min_ttl: Duration, seen: u64, now: SystemTime) -> Option<Error> {
        let known = self.known();
        let failure = known.failure.as_ref()?;
        if failure.min_ttl > min_ttl || !failure.validity.counts(seen, now) {
            return None;
        }
        Some(failure.error.again(failure.validity.left(now)))
    }

    /// The result of reporting the token with this SHA-256, if a caller that saw `seen` results need not report it again.
    pub(crate) fn remembered_report(
        &self,
        sha256: &str,
        seen: u64,
        now: SystemTime,
    ) -> Option<Result<VendedToken, Error>> {
        let known = self.known();
        let report = known.report.as_ref()?;
        if report.sha256 != sha256 || !report.validity.counts(seen, now) {
            return None;
        }
        match &report.result {
            Ok(token) => Some(Ok(token.clone())),
            Err(error) => Some(Err(error.again(report.validity.left(now)))),
        }
    }

    pub(crate) fn store(&self, token: &VendedToken) {
        let mut known = self.known();
        known.results += 1;
        known.failures = 0;
        known.failure = None;
        known.held = Some(token.clone());
    }

    /// Remembers why a request for a token with `min_ttl` failed. `backoff` is the first pause without a token.
    pub(crate) fn fail(&self, error: &Error, min_ttl: Duration, now: SystemTime, backoff: Duration) {
        let mut known = self.known();
        if !error.leaves_grant_unknown() {
            known.held = None;
        }
        let is_alive = known.held.as_ref().is_some_and(|held| held.lives(now, Duration::ZERO));
        let mut pause = error.retry_after().unwrap_or_default();
        if pause.is_zero() {
            pause = if is_alive { PAUSE } else { backoff.saturating_mul(1 << known.failures.min(8)).min(PAUSE) };
        }
        known.failures += 1;
        known.results += 1;
        let validity = ResultValidity { number: known.results, from: now, until: now + pause };
        known.failure = Some(LastFailure { error: error.clone(), min_ttl, validity });
    }

    /// Drops the token, which a caller reports as rejected.
    pub(crate) fn drop_held(&self) {
        self.known().held = None;
    }

    /// Remembers the result of reporting the token with this SHA-256.
    pub(crate) fn store_report(&self, sha256: &str, result: &Result<VendedToken, Error>, now: SystemTime) {
        let pause = match result {
            Ok(token) => {
                self.store(token);
                CONFIRMED
            }
            Err(error) => {
                self.known().results += 1;
                error.retry_after().unwrap_or_default()
            }
        };
        let mut known = self.known();
        let validity = ResultValidity { number: known.results, from: now, until: now + pause };
        known.report = Some(LastReport { sha256: sha256.to_owned(), result: result.clone(), validity });
    }

    fn known(&self) -> MutexGuard<'_, KnownGrant> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
