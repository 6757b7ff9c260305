//! Failed attempts that are not written down.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::id::GrantId;
use crate::sync::lock;

/// Counts the failures of each grant between the writes of its record (attempts 1, 2, 4, 8, …). After a cold start the
/// count in the record is a lower bound.
#[derive(Debug, Default)]
pub(crate) struct FailureCounts(Mutex<HashMap<GrantId, u32>>);

impl FailureCounts {
    pub(crate) fn get(&self, id: &GrantId) -> u32 {
        lock(&self.0).get(id).copied().unwrap_or_default()
    }

    pub(crate) fn set(&self, id: &GrantId, attempts: u32) {
        lock(&self.0).insert(id.clone(), attempts);
    }

    pub(crate) fn clear(&self, id: &GrantId) {
        lock(&self.0).remove(id);
    }
}
