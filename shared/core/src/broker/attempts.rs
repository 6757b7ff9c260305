//! Failed attempts that are not written down.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::id::GrantId;

/// Counts the failures of each grant between the writes of its record (attempts 1, 2, 4, 8, …), as long as the
/// environment lives. A cold start forgets them: the count in the record is then a lower bound.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<GrantId, u32>>);

impl Attempts {
    pub(super) fn of(&self, id: &GrantId) -> u32 {
        self.map().get(id).copied().unwrap_or_default()
    }

    pub(super) fn set(&self, id: &GrantId, attempts: u32) {
        self.map().insert(id.clone(), attempts);
    }

    pub(super) fn forget(&self, id: &GrantId) {
        self.map().remove(id);
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<GrantId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
