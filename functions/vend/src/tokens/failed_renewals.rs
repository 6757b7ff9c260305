//! Renewals that failed a short time ago.

use std::collections::HashMap;
use std::sync::Mutex;

use broker_core::id::GrantId;
use broker_core::request::{CommandError, Reason};
use broker_core::sync::lock;
use broker_core::token::Fingerprint;
use jiff::{SignedDuration, Timestamp};

use crate::error::retry_after;

/// Most failures remembered; the same number as of cached grants.
const CAPACITY: usize = 4096;

/// What a renewal was to replace, and why. A new token, or another reason, deserves another attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RenewalKey {
    pub(super) id: GrantId,
    pub(super) token: Fingerprint,
    pub(super) reason: Reason,
}

/// The newest failure of each grant, remembered for as long as the refresher asked to wait. Until then, callers get the
/// same answer without an invocation.
#[derive(Default)]
pub(super) struct FailedRenewals(Mutex<HashMap<GrantId, FailedRenewal>>);

struct FailedRenewal {
    key: RenewalKey,
    error: CommandError,
    failed_at: Timestamp,
}

impl FailedRenewals {
    /// The error of this renewal if it failed a short time ago, with the time that is left to wait.
    pub(super) fn recent(&self, key: &RenewalKey, now: Timestamp) -> Option<CommandError> {
        let failures = lock(&self.0);
        let failure = failures.get(&key.id)?;
        if failure.key != *key {
            return None;
        }
        let left = failure.time_left(now)?;
        Some(CommandError { retry_after: Some(whole_seconds(left)), ..failure.error.clone() })
    }

    /// Remembers a failed renewal.
    pub(super) fn remember(&self, key: RenewalKey, error: &CommandError, now: Timestamp) {
        let mut failures = lock(&self.0);
        if failures.len() >= CAPACITY {
            failures.retain(|_, failure| failure.time_left(now).is_some());
        }
        if failures.len() < CAPACITY || failures.contains_key(&key.id) {
            failures.insert(key.id.clone(), FailedRenewal { key, error: error.clone(), failed_at: now });
        }
    }
}

impl FailedRenewal {
    /// The time until the next attempt; `None` if that time has come, or if the clock has been set back.
    fn time_left(&self, now: Timestamp) -> Option<SignedDuration> {
        let age = now.duration_since(self.failed_at);
        let wait = retry_after(&self.error);
        if age.is_negative() || age >= wait { None } else { Some(wait - age) }
    }
}

/// Seconds, rounded up, at least one.
fn whole_seconds(duration: SignedDuration) -> u32 {
    let rounded_up = duration.as_secs() + i64::from(duration.subsec_nanos() > 0);
    u32::try_from(rounded_up.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::token::AccessToken;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn key(subject: &str, token: &str, reason: Reason) -> RenewalKey {
        let id = GrantId::parse(&format!("reports/{subject}")).unwrap();
        RenewalKey { id, token: AccessToken::new(token).fingerprint(), reason }
    }

    fn error(retry_after: Option<u32>) -> CommandError {
        CommandError { code: "http_503".to_owned(), detail: String::new(), tracking_id: None, retry_after }
    }

    fn wait(failures: &FailedRenewals, key: &RenewalKey, after: SignedDuration) -> Option<u32> {
        failures.recent(key, now() + after)?.retry_after
    }

    #[test]
    fn failure_is_remembered_for_the_refreshers_wait() {
        for (given, expected) in [(Some(60), 60), (Some(3600), 3600), (None, 30)] {
            let failures = FailedRenewals::default();
            let failed = key("a", "1", Reason::MinTtl);
            failures.remember(failed.clone(), &error(given), now());
            assert_eq!(wait(&failures, &failed, SignedDuration::ZERO), Some(expected));
            assert_eq!(wait(&failures, &failed, SignedDuration::from_millis(1500)), Some(expected - 1));
            assert_eq!(wait(&failures, &failed, SignedDuration::from_secs(expected.into())), None);
            assert_eq!(wait(&failures, &failed, SignedDuration::from_secs(-1)), None, "the clock was set back");
        }
    }

    #[test]
    fn failure_is_of_one_grant_token_and_reason() {
        let failures = FailedRenewals::default();
        failures.remember(key("a", "1", Reason::MinTtl), &error(None), now());
        for other in [key("b", "1", Reason::MinTtl), key("a", "2", Reason::MinTtl), key("a", "1", Reason::Rejected)] {
            assert_eq!(failures.recent(&other, now()), None, "{other:?}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let failures = FailedRenewals::default();
        for n in 0..2 * CAPACITY {
            failures.remember(key(&format!("s{n}"), "1", Reason::MinTtl), &error(None), now());
        }
        assert_eq!(lock(&failures.0).len(), CAPACITY);
        let later = key("later", "1", Reason::MinTtl);
        failures.remember(later.clone(), &error(None), now() + SignedDuration::from_mins(1));
        assert!(failures.recent(&later, now() + SignedDuration::from_mins(1)).is_some(), "the old ones make room");
    }
}
