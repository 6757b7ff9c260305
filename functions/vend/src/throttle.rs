//! How often one caller may ask.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// What one request takes, in milliseconds: a hundred a second, for ever. A job that fetches the tokens of all its orgs one by one over
/// HTTPS makes some fifty; a loop that has gone wild makes thousands, and this leaves the others room.
const EACH_MS: i64 = 10;
/// What may be taken at once after a pause, in milliseconds: a thousand requests, twice what a cold start of every worker of a large
/// deployment makes.
const BURST_MS: i64 = 1000 * EACH_MS;
/// Most callers remembered; one environment sees a handful.
const CALLERS: usize = 1024;

/// A token bucket for each caller of this environment, kept as the moment at which it is full again, in milliseconds of
/// Unix time. Lambda runs more environments than one, up to the reserved concurrency: the limit is a guard against loops,
/// not a quota.
#[derive(Default)]
pub(crate) struct Throttle {
    full_at: Mutex<HashMap<String, i64>>,
}

impl Throttle {
    /// Takes one request out of the caller's bucket at `now`, or says how long it must wait for one.
    pub(crate) fn take(&self, caller: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let now = now.as_millisecond();
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = buckets.get_mut(caller) {
            return draw(full_at, now);
        }
        if buckets.len() >= CALLERS {
            make_room(&mut buckets, now);
        }
        buckets.insert(caller.to_owned(), now + EACH_MS);
        Ok(())
    }
}

/// Takes one request out of a bucket.
fn draw(full_at: &mut i64, now: i64) -> Result<(), SignedDuration> {
    // Clamped: a clock that was set back locks nobody out.
    *full_at = (*full_at).clamp(now, now + BURST_MS);
    let over = *full_at + EACH_MS - now - BURST_MS;
    if over > 0 {
        return Err(SignedDuration::from_millis(over));
    }
    *full_at += EACH_MS;
    Ok(())
}

/// Forgets those whose bucket is full; if there are none, the one that is nearest to it.
fn make_room(buckets: &mut HashMap<String, i64>, now: i64) {
    buckets.retain(|_, full_at| *full_at > now);
    if buckets.len() >= CALLERS {
        let nearest = buckets.iter().min_by_key(|(_, full_at)| **full_at).map(|(caller, _)| caller.clone());
        nearest.and_then(|caller| buckets.remove(&caller));
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
