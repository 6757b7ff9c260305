//! The pages that a walk has asked for.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use broker_core::clock::{Clock, Deadline};
use broker_core::sync::lock;
use jiff::SignedDuration;

use super::stopped;
use crate::error::CallError;

/// The pages of a walk, each with its prefix and its place. It ends with its deadline, or when the service leads it in a circle.
pub(in crate::store) struct AskedPages<'a, C, P> {
    clock: &'a C,
    pub(in crate::store) deadline: Deadline,
    asked: Mutex<HashSet<(String, P)>>,
    has_read: AtomicBool,
}

impl<'a, C: Clock, P: Eq + Hash> AskedPages<'a, C, P> {
    pub(in crate::store) fn until(deadline: Deadline, clock: &'a C) -> Self {
        Self { clock, deadline, asked: Mutex::default(), has_read: AtomicBool::default() }
    }

    /// Notes that a page is asked for. It is an error if time is up, except for the first one, or if it was asked for before.
    pub(in crate::store) fn ask(&self, prefix: &str, place: P) -> Result<(), CallError> {
        if self.has_read() && self.deadline.left(self.clock.now()) == SignedDuration::ZERO {
            return Err(stopped("DeadlineReached"));
        }
        if lock(&self.asked).insert((prefix.to_owned(), place)) { Ok(()) } else { Err(stopped("RepeatedNextToken")) }
    }

    /// Notes that a page was read.
    pub(in crate::store) fn note_read(&self) {
        self.has_read.store(true, Ordering::Relaxed);
    }

    /// Whether a page was read.
    pub(in crate::store) fn has_read(&self) -> bool {
        self.has_read.load(Ordering::Relaxed)
    }
}
