//! Pages of secrets, in the walks that the adapter makes.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use broker_core::clock::{Clock as _, Deadline};
use broker_core::port::{GrantsPage, Scheduled, StoreError};
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};
use secrets::{IsPacked, PageOfNames, PagesByPrefix};

use super::quota::Operation;
use super::rows::{GrantRows, OwnSecret};
use super::store::ScaleStore;

/// Secrets in a page of `BatchGetSecretValue`.
pub(super) const BATCH: usize = 20;
/// Secrets in a page of `ListSecrets`.
const LIST: usize = 100;

/// Whether the deadline has passed, as an end of a listing.
pub(super) fn stopped(deadline: Deadline, now: Timestamp) -> Option<StoreError> {
    if deadline.left(now) > SignedDuration::ZERO {
        return None;
    }
    Some(StoreError::Unavailable { operation: "BatchGetSecretValue", code: "DeadlineReached".to_owned() })
}

/// Own secrets that can be read.
pub(super) struct OwnSecretPages<'a> {
    store: &'a ScaleStore,
    see: Mutex<&'a mut (dyn FnMut(GrantsPage) + Send)>,
    /// The grants that were read: parts bring again what the first pages have brought.
    read: Mutex<HashSet<usize>>,
    deadline: Deadline,
}

/// Names of own secrets, among which a sweep looks for those that wait for deletion in error.
pub(super) struct WaitingPages<'a> {
    store: &'a ScaleStore,
    is_packed: IsPacked<'a>,
    deadline: Deadline,
    found: Mutex<Vec<Scheduled>>,
}

impl<'a> OwnSecretPages<'a> {
    pub(super) fn new(store: &'a ScaleStore, see: &'a mut (dyn FnMut(GrantsPage) + Send), deadline: Deadline) -> Self {
        Self { store, see: Mutex::new(see), read: Mutex::default(), deadline }
    }
}

impl PagesByPrefix for OwnSecretPages<'_> {
    type Error = StoreError;

    async fn page(&self, prefix: &str, next: Option<String>) -> Result<PageOfNames, StoreError> {
        if let Some(stopped) = stopped(self.deadline, self.store.clock.now()) {
            return Err(stopped);
        }
        self.store.call(Operation::Batch).await;
        let state = self.store.state();
        let found = state.rows.live_in(state.rows.under_from(prefix, next.as_deref()), BATCH);
        let new = found.iter().filter(|n| lock(&self.read).insert(**n));
        let grants = new.map(|n| state.rows.stored(*n)).collect();
        lock(&self.see)(GrantsPage { grants, ..GrantsPage::default() });
        Ok(page_of(&state.rows, &found, BATCH))
    }

    async fn named(&self, _: &[String]) -> Result<(), StoreError> {
        self.store.call(Operation::Batch).await;
        Ok(())
    }
}

impl<'a> WaitingPages<'a> {
    pub(super) fn new(store: &'a ScaleStore, is_packed: IsPacked<'a>, deadline: Deadline) -> Self {
        Self { store, is_packed, deadline, found: Mutex::default() }
    }

    pub(super) fn into_found(self) -> Vec<Scheduled> {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of a page of names that wait for deletion and are in no pack.
    fn not_packed(&self, page: &[usize]) -> Vec<usize> {
        let now = self.store.clock.now();
        let state = self.store.state();
        let is_candidate = |n: &usize| {
            let is_waiting = matches!(state.rows.secret(*n, now), OwnSecret::Waiting(_));
            is_waiting && !state.rows.has_ended(*n) && !(self.is_packed)(&state.rows.id(*n), &state.rows.version(*n).0)
        };
        page.iter().copied().filter(is_candidate).collect()
    }
}

impl PagesByPrefix for WaitingPages<'_> {
    type Error = StoreError;

    async fn page(&self, prefix: &str, next: Option<String>) -> Result<PageOfNames, StoreError> {
        if let Some(stopped) = stopped(self.deadline, self.store.clock.now()) {
            return Err(stopped);
        }
        self.store.call(Operation::List).await;
        let page = {
            let state = self.store.state();
            let rest = state.rows.under_from(prefix, next.as_deref());
            state.rows.existing_in(rest, LIST, self.store.clock.now())
        };
        for n in self.not_packed(&page) {
            self.store.call(Operation::Describe).await;
            let is_still = self.not_packed(&[n]).len() == 1;
            let id = self.store.state().rows.id(n);
            if is_still && lock(&self.found).iter().all(|known| known.id != id) {
                lock(&self.found).push(Scheduled { id, fenced_at: None, is_readable: false });
            }
        }
        Ok(page_of(&self.store.state().rows, &page, LIST))
    }

    async fn named(&self, _: &[String]) -> Result<(), StoreError> {
        self.store.call(Operation::Describe).await;
        Ok(())
    }
}

fn page_of(rows: &GrantRows, grants: &[usize], full: usize) -> PageOfNames {
    let mut page = PageOfNames::default();
    // The names are in order.
    for n in grants.first().into_iter().chain(grants.last()) {
        page.beginning.add(&rows.id(*n).to_string());
        page.next = if grants.len() == full { Some((n + 1).to_string()) } else { None };
    }
    page
}
