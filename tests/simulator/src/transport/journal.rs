//! What was asked and what was answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::lock;

/// Every request that a stand-in has received, in the order of arrival. Clones share the same pages.
#[derive(Debug)]
pub struct Journal<Op>(Arc<Mutex<Pages<Op>>>);

#[derive(Debug)]
struct Pages<Op> {
    next: u64,
    entries: Vec<Entry<Op>>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<Op> {
    /// Position since the start; never reused.
    pub number: u64,
    /// What was asked for.
    pub operation: Op,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The parameters worth asserting on. Secrets appear as fingerprints only: the first 8 hex digits of their SHA-256.
    pub fields: BTreeMap<&'static str, String>,
    /// The status answered; `None` while the request is held, and for good if it never got an answer.
    pub status: Option<u16>,
    /// When it arrived, by the simulator's clock.
    pub at: Timestamp,
    /// The tracking (or request) id of the answer.
    pub tracking_id: String,
}

impl<Op> Entry<Op> {
    /// One of the recorded parameters.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

impl<Op: Copy + Eq> Journal<Op> {
    /// All entries so far.
    pub fn entries(&self) -> Vec<Entry<Op>> {
        lock(&self.0).entries.clone()
    }

    /// The entries of one operation.
    pub fn of(&self, operation: Op) -> Vec<Entry<Op>> {
        self.select(|entry| entry.operation == operation)
    }

    /// The entries that satisfy `wanted`.
    pub fn select(&self, wanted: impl Fn(&Entry<Op>) -> bool) -> Vec<Entry<Op>> {
        let pages = lock(&self.0);
        let entries = pages.entries.iter().filter(|entry| wanted(entry));
        entries.cloned().collect()
    }

    /// How many requests of this operation came in, whatever the answer.
    pub fn count(&self, operation: Op) -> usize {
        let pages = lock(&self.0);
        let entries = pages.entries.iter();
        entries.filter(|entry| entry.operation == operation).count()
    }

    /// How many requests of this operation were answered with `status`.
    pub fn answered(&self, operation: Op, status: u16) -> usize {
        self.select(|entry| entry.operation == operation && entry.status == Some(status)).len()
    }

    /// How many requests came in altogether.
    pub fn total(&self) -> usize {
        lock(&self.0).entries.len()
    }

    /// Starts on an empty page.
    pub fn clear(&self) {
        lock(&self.0).entries.clear();
    }

    /// Adds an entry and gives its number.
    pub(crate) fn open(&self, mut entry: Entry<Op>) -> u64 {
        let mut pages = lock(&self.0);
        entry.number = pages.next;
        pages.next += 1;
        pages.entries.push(entry);
        pages.next - 1
    }

    pub(crate) fn close(&self, number: u64, status: u16) {
        let mut pages = lock(&self.0);
        let mut newest_first = pages.entries.iter_mut().rev();
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
        Self(Arc::new(Mutex::new(Pages { next: 0, entries: Vec::new() })))
    }
}
