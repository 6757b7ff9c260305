//! Limits how often one caller may ask.

use std::collections::HashMap;
use std::sync::Mutex;

use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

/// Time in which a bucket gains room for one request, in milliseconds: 100 requests a second. A job that fetches the
/// tokens of all its orgs one after the other makes about 50; a runaway loop makes thousands.
const INTERVAL_MS: i64 = 10;
/// Size of a full bucket, in milliseconds: 1,000 requests, twice what a cold start of all workers of a large deployment
/// makes.
const BURST_MS: i64 = 1000 * INTERVAL_MS;
/// Most callers remembered. One environment sees a handful.
const MAX_CALLERS: usize = 1024;

/// A token bucket for each caller of this environment. Lambda runs several environments, up to the reserved concurrency, so
/// the limit is a guard against loops and not a quota.
#[derive(Default)]
pub(crate) struct CallerRateLimit(Mutex<CallerBuckets>);

#[derive(Default)]
struct CallerBuckets {
    /// The time of the newest request, in milliseconds of Unix time.
    now: i64,
    /// When the bucket of each caller is full again, in milliseconds of Unix time.
    full_at: HashMap<String, i64>,
}

impl CallerRateLimit {
    /// Takes one request out of the caller's bucket. The error is the time until the bucket has room for one.
    pub(crate) fn take(&self, caller: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let now = now.as_millisecond();
        let mut buckets = lock(&self.0);
        buckets.follow_clock(now);
        if let Some(full_at) = buckets.full_at.get_mut(caller) {
            return take_one(full_at, now);
        }
        if buckets.full_at.len() >= MAX_CALLERS {
            buckets.make_room();
        }
        buckets.full_at.insert(caller.to_owned(), now + INTERVAL_MS);
        Ok(())
    }
}

impl CallerBuckets {
    /// Moves all buckets along with a clock that was set back, so that this costs no caller a request.
    fn follow_clock(&mut self, now: i64) {
        if now < self.now {
            let set_back = self.now - now;
            for full_at in self.full_at.values_mut() {
                *full_at -= set_back;
            }
        }
        self.now = now;
    }

    /// Forgets the callers whose bucket is full; if there are none, the one whose bucket is fullest.
    fn make_room(&mut self) {
        let now = self.now;
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < MAX_CALLERS {
            return;
        }
        let fullest = self.full_at.iter().min_by_key(|(_, full_at)| **full_at);
        if let Some((caller, _)) = fullest {
            let caller = caller.clone();
            self.full_at.remove(&caller);
        }
    }
}

fn take_one(full_at: &mut i64, now: i64) -> Result<(), SignedDuration> {
    let next = (*full_at).max(now) + INTERVAL_MS;
    let excess = next - now - BURST_MS;
    if excess > 0 {
        return Err(SignedDuration::from_millis(excess));
    }
    *full_at = next;
    Ok(())
}

#[cfg(test)]
mod tests;
