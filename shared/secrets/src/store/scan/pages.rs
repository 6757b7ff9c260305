//! The pages of a scan.

use std::sync::Mutex;

use broker_core::clock::{Clock, Deadline};
use broker_core::port::StoreError;
use broker_core::sync::lock;

use super::asked::AskedPages;
use super::results::{NamesRead, ScanResults};
use super::{ReadSecret, ScanCursor, SeePage};
use crate::error::CallError;
use crate::store::SecretsManagerStore;
use crate::store::calls::LIST;
use crate::walk::{Beginning, PageOfNames, PagesByPrefix};

/// The pages that one scan reads, in one of two ways.
pub(super) struct ScanPages<'a, C, T> {
    store: &'a SecretsManagerStore<C>,
    cursor: fn(Option<String>) -> ScanCursor,
    read: ReadSecret<'a, T>,
    names: NamesRead,
    see: Mutex<SeePage<'a, T>>,
    asked: AskedPages<'a, C, ScanCursor>,
}

impl<'a, C: Clock, T: Send> ScanPages<'a, C, T> {
    /// Pages of values.
    pub(super) fn new(
        store: &'a SecretsManagerStore<C>,
        read: ReadSecret<'a, T>,
        see: SeePage<'a, T>,
        deadline: Deadline,
    ) -> Self {
        let asked = AskedPages::until(deadline, &store.clock);
        Self { store, cursor: ScanCursor::Batch, read, names: NamesRead::default(), see: Mutex::new(see), asked }
    }

    /// Pages of names, the values of which are then read by name. What was read counts as read.
    pub(super) fn listing_names(self) -> Self {
        Self { cursor: ScanCursor::List, ..self }
    }

    /// Why the scan ended early, if it did. An error means that it read no page.
    pub(super) fn end(&self, end: Result<(), CallError>) -> Result<Option<StoreError>, StoreError> {
        match end {
            Ok(()) => Ok(None),
            Err(error) if !self.asked.has_read() => Err(error.into()),
            Err(error) => Ok(Some(error.into())),
        }
    }

    /// Returns the common beginning of the names.
    fn see(&self, results: ScanResults<'_, T>) -> Beginning {
        if results.has_page {
            self.asked.note_read();
        }
        lock(&self.see)(results.items, results.unreadable);
        results.beginning
    }
}

impl<C: Clock, T: Send> PagesByPrefix for ScanPages<'_, C, T> {
    type Error = CallError;

    async fn page(&self, prefix: &str, next: Option<String>) -> Result<PageOfNames, CallError> {
        let cursor = (self.cursor)(next);
        self.asked.ask(prefix, cursor.clone())?;
        let mut results = ScanResults::without(self.names.clone(), prefix, self.read);
        let page = self.store.read_page(&cursor, LIST, &mut results, self.asked.deadline).await;
        let beginning = self.see(results);
        let next = match page? {
            Some(ScanCursor::Batch(token) | ScanCursor::List(token)) => token,
            None => None,
        };
        Ok(PageOfNames { next, beginning })
    }

    async fn named(&self, names: &[String]) -> Result<(), CallError> {
        let mut results = ScanResults::without(self.names.clone(), "", self.read);
        self.store.add_by_name(names, &mut results, self.asked.deadline).await?;
        self.see(results);
        Ok(())
    }
}
