//! How often a webhook registration is made active again.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

/// A registration that is made active within 5 minutes of being disabled is disabled again by its first failure.
const INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// Remembers when this environment made which registration active.
#[derive(Debug, Default)]
pub(crate) struct ReactivationLimiter(Mutex<HashMap<String, Timestamp>>);

impl ReactivationLimiter {
    /// Whether the registration `id` may be made active at `now`; if so, that is noted.
    pub(crate) fn try_reactivate(&self, id: &str, now: Timestamp) -> bool {
        let mut last = lock(&self.0);
        if let Some(at) = last.get(id)
            && now.duration_since(*at) < INTERVAL
        {
            return false;
        }
        last.insert(id.to_owned(), now);
        true
    }
}
