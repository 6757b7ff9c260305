//! Reads everything under a prefix, in few calls. [`walk`] says in which order.
//!
//! One batch call reads 20 secrets with their values, so nothing has to be listed first. If that call is refused as a
//! whole (moto refuses it as soon as one secret is scheduled for deletion; others know no filters), names are listed
//! and read in batches by name, and if that is refused too, one by one.

mod asked;
mod pages;
mod results;

use aws_sdk_secretsmanager::operation::batch_get_secret_value::BatchGetSecretValueOutput as Batch;
use aws_sdk_secretsmanager::types::ApiErrorType;
use broker_core::clock::{Clock, Deadline};
use broker_core::port::{Found, Scan, StoreError, Unreadable};

use super::SecretsManagerStore;
use super::calls::BATCH;
use super::read::SecretVersion;
use crate::error::{CallError, CallErrorKind, classify};
use crate::names::name_of_secret_id;
use crate::walk::walk;

pub(super) use asked::AskedPages;
use pages::ScanPages;
pub(super) use results::ScanResults;

/// The place of a page: the way it is read, and the service's token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum ScanCursor {
    /// Values at once, by prefix.
    Batch(Option<String>),
    /// Names first, values by name.
    List(Option<String>),
}

/// Receives the results of one page: what could be read, and what could not.
type SeePage<'a, T> = &'a mut (dyn FnMut(Vec<T>, Vec<Unreadable>) + Send);

/// Reads what a secret holds.
type ReadSecret<'a, T> = &'a (dyn Fn(&SecretVersion) -> Result<T, Unreadable> + Send + Sync);

impl<C: Clock> SecretsManagerStore<C> {
    /// Reads all secrets under `prefix` with `read`. An error means that not one page could be read.
    pub(super) async fn scan<T: Send>(
        &self,
        prefix: &str,
        read: impl Fn(&SecretVersion) -> Result<T, Unreadable> + Send + Sync,
        deadline: Deadline,
    ) -> Result<Scan<T>, StoreError> {
        let mut scan = Scan { items: Vec::new(), unreadable: Vec::new(), cut_short: None };
        let mut see = |items: Vec<T>, unreadable: Vec<Unreadable>| {
            scan.items.extend(items);
            scan.unreadable.extend(unreadable);
        };
        let cut_short = self.scan_pages(prefix, &read, &mut see, deadline).await?;
        Ok(Scan { cut_short, ..scan })
    }

    /// Reads all secrets under `prefix` with `read` and gives each page to `see`. Returns why the scan ended early, if it
    /// did. An error means that not one page could be read.
    pub(super) async fn scan_pages<T: Send>(
        &self,
        prefix: &str,
        read: ReadSecret<'_, T>,
        see: SeePage<'_, T>,
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        let batches = ScanPages::new(self, read, see, deadline);
        match walk(&batches, prefix).await {
            Err(error) if !error.is(CallErrorKind::Transient) => {
                tracing::debug!(code = error.code, "batch reads by prefix are refused; listing names instead");
                let lists = batches.listing_names();
                lists.end(walk(&lists, prefix).await)
            }
            end => batches.end(end),
        }
    }

    /// Reads one page into `results` and returns the place of the next one. `most` bounds a list of names; a batch has
    /// its own bound.
    pub(super) async fn read_page<T: Send>(
        &self,
        cursor: &ScanCursor,
        most: i32,
        results: &mut ScanResults<'_, T>,
        deadline: Deadline,
    ) -> Result<Option<ScanCursor>, CallError> {
        match cursor {
            ScanCursor::Batch(token) => {
                let batch = self.batch_by_prefix(results.prefix, token.clone(), deadline).await?;
                results.has_page = true;
                let next = batch.next_token.clone();
                self.add_batch(batch, results).await?;
                Ok(next.map(|token| ScanCursor::Batch(Some(token))))
            }
            ScanCursor::List(token) => {
                let list = self.list_secrets(results.prefix, most, token.clone(), deadline).await?;
                let names: Vec<String> = list.secret_list.into_iter().flatten().filter_map(|it| it.name).collect();
                self.add_by_name(&names, results, deadline).await?;
                results.has_page = true;
                Ok(list.next_token.map(|token| ScanCursor::List(Some(token))))
            }
        }
    }

    pub(super) async fn add_by_name<T: Send>(
        &self,
        names: &[String],
        results: &mut ScanResults<'_, T>,
        deadline: Deadline,
    ) -> Result<(), CallError> {
        for chunk in names.chunks(BATCH.unsigned_abs() as usize) {
            match self.batch_by_name(chunk, deadline).await {
                Ok(batch) => self.add_batch(batch, results).await?,
                Err(error) if error.is(CallErrorKind::Transient) => return Err(error),
                Err(_) => self.add_one_by_one(chunk, results).await?,
            }
            results.has_page = true;
        }
        Ok(())
    }

    /// Adds the secrets of a batch. Secrets in another version, and those that failed for a moment, are read alone.
    async fn add_batch<T: Send>(&self, batch: Batch, results: &mut ScanResults<'_, T>) -> Result<(), CallError> {
        let mut alone = Vec::new();
        for entry in batch.secret_values.into_iter().flatten() {
            match SecretVersion::from_batch(entry) {
                Ok(secret) => results.add(&secret),
                Err(name) => alone.push(name),
            }
        }
        for error in batch.errors.into_iter().flatten() {
            alone.extend(self.add_batch_error(&error, results));
        }
        self.add_one_by_one(&alone, results).await
    }

    /// Reports a secret that a batch could not read. Returns its name if reading it alone may help.
    fn add_batch_error<T>(&self, error: &ApiErrorType, results: &mut ScanResults<'_, T>) -> Option<String> {
        let name = name_of_secret_id(error.secret_id().unwrap_or_default());
        let (code, kind) = classify(error.error_code(), 400);
        match kind {
            // Retired, or deleted since.
            CallErrorKind::Absent | CallErrorKind::State => None,
            CallErrorKind::Transient => Some(name.to_owned()),
            _ => {
                self.add_refused(name, &code, results);
                None
            }
        }
    }

    async fn add_one_by_one<T: Send>(
        &self,
        names: &[String],
        results: &mut ScanResults<'_, T>,
    ) -> Result<(), CallError> {
        for name in names {
            match self.current(name).await {
                Ok(Found::Live(secret)) => results.add(&secret),
                Ok(Found::Absent | Found::Retired) => {}
                Err(error) if error.is(CallErrorKind::Transient) => return Err(error),
                Err(error) => self.add_refused(name, &error.code, results),
            }
        }
        Ok(())
    }

    fn add_refused<T>(&self, name: &str, code: &str, results: &mut ScanResults<'_, T>) {
        if results.is_new(name) {
            let reason = format!("Secrets Manager refused to read it: {code}");
            results.unreadable.push(self.unreadable(name, reason));
        }
    }
}

/// The end of a scan that this side stopped.
pub(super) fn stopped(code: &str) -> CallError {
    CallError {
        operation: "BatchGetSecretValue",
        code: code.into(),
        kind: CallErrorKind::Transient,
        is_repeated: false,
    }
}
