//! The requests that a simulated service has received, and their statuses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::lock;

/// All requests in order of arrival. Clones share the same journal.
#[derive(Debug)]
pub struct Journal<Op>(Arc<Mutex<JournalState<Op>>>);

#[derive(Debug)]
struct JournalState<Op> {
    next: u64,
    entries: Vec<Entry<Op>>,
}

/// One request of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<Op> {
    /// The position since the start; never reused, not even after [`Journal::clear`].
    pub number: u64,
    /// The operation that the request asked for.
    pub operation: Op,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The parameters worth asserting on. A secret appears as its fingerprint: the first 8 hex digits of its SHA-256.
    pub fields: BTreeMap<&'static str, String>,
    /// The status of the response; `None` until it is sent, and for good if none is sent.
    pub status: Option<u16>,
    /// The time of arrival, by the simulator's clock.
    pub at: Timestamp,
    /// The tracking id (AWS: request id) of the response.
    pub tracking_id: String,
}

impl<Op> Entry<Op> {
    /// The recorded parameter of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl<Op: Copy + Eq> Journal<Op> {
    /// All entries so far.
    pub fn entries(&self) -> Vec<Entry<Op>> {
        lock(&self.0).entries.clone()
    }

    /// The entries of `operation`.
    pub fn of(&self, operation: Op) -> Vec<Entry<Op>> {
        self.select(|entry| entry.operation == operation)
    }

    /// The entries for which `wanted` is true.
    pub fn select(&self, wanted: impl Fn(&Entry<Op>) -> bool) -> Vec<Entry<Op>> {
        let state = lock(&self.0);
        let entries = state.entries.iter().filter(|entry| wanted(entry));
        entries.cloned().collect()
    }

    /// The number of requests for `operation`, whatever the status.
    pub fn count(&self, operation: Op) -> usize {
        let state = lock(&self.0);
        let entries = state.entries.iter();
        entries.filter(|entry| entry.operation == operation).count()
    }

    /// The number of requests for `operation` that were answered with `status`.
    pub fn answered(&self, operation: Op, status: u16) -> usize {
        self.select(|entry| entry.operation == operation && entry.status == Some(status)).len()
    }

    /// The number of all requests.
    pub fn total(&self) -> usize {
        lock(&self.0).entries.len()
    }

    /// Forgets all entries.
    pub fn clear(&self) {
        lock(&self.0).entries.clear();
    }

    /// Adds an entry and returns its number.
    pub(crate) fn open(&self, mut entry: Entry<Op>) -> u64 {
        let mut state = lock(&self.0);
        entry.number = state.next;
        state.next += 1;
        state.entries.push(entry);
        state.next - 1
    }

    /// Records the status of the response.
    pub(crate) fn close(&self, number: u64, status: u16) {
        let mut state = lock(&self.0);
        let mut newest_first = state.entries.iter_mut().rev();
        if let Some(entry) = newest_first.find(|entry| entry.number == number) {
            entry.status = Some(status);
        }
    }
}

impl<Op> Clone for Journal<Op> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Op> Default for Journal<Op> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(JournalState { next: 0, entries: Vec::new() })))
    }
}
