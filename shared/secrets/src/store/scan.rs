//! Everything under a prefix, in the fewest calls.
//!
//! One batch call reads 20 secrets with their values, so there is nothing to list first. Where that call is refused as
//! a whole (moto refuses it as soon as one secret is scheduled for deletion; others know no filters), names are listed
//! and read in batches by name, and where that is refused too, one by one.

use std::collections::HashSet;

use aws_sdk_secretsmanager::operation::batch_get_secret_value::BatchGetSecretValueOutput as Batch;
use aws_sdk_secretsmanager::types::ApiErrorType;
use broker_core::clock::{Clock, Deadline};
use broker_core::port::{Scan, StoreError, Stored, Unreadable};
use jiff::SignedDuration;

use super::SecretsManagerStore;
use super::calls::{BATCH, LIST};
use super::read::{Current, Record};
use crate::error::{self, Failure, Kind};
use crate::names::name_of_id;

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Cursor {
    /// Values at once, by prefix.
    Batch(Option<String>),
    /// Names first, values by name.
    List(Option<String>),
}

/// What pages gave so far.
pub(super) struct Haul<'a, T> {
    prefix: &'a str,
    read: &'a (dyn Fn(&Record) -> Result<T, Unreadable> + Send + Sync),
    /// Secrets that were seen: pages may overlap, and a scan may begin anew in another way.
    seen: HashSet<String>,
    pages: usize,
    pub(super) items: Vec<T>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl<'a, T> Haul<'a, T> {
    pub(super) fn new(prefix: &'a str, read: &'a (dyn Fn(&Record) -> Result<T, Unreadable> + Send + Sync)) -> Self {
        Self { prefix, read, seen: HashSet::new(), pages: 0, items: Vec::new(), unreadable: Vec::new() }
    }

    /// Whether `name` is ours and new.
    fn is_news(&mut self, name: &str) -> bool {
        name.starts_with(self.prefix) && self.seen.insert(name.to_owned())
    }

    fn take(&mut self, record: &Record) {
        if self.is_news(&record.name) {
            match (self.read)(record) {
                Ok(item) => self.items.push(item),
                Err(unreadable) => self.unreadable.push(unreadable),
            }
        }
    }

    fn into_scan(self, ended: Result<(), Failure>) -> Result<Scan<T>, StoreError> {
        match ended {
            Err(failure) if self.pages == 0 => Err(failure.into()),
            ended => {
                Ok(Scan { items: self.items, unreadable: self.unreadable, cut_short: ended.err().map(Into::into) })
            }
        }
    }
}

impl<C: Clock> SecretsManagerStore<C> {
    pub(super) async fn scan<T: Send>(
        &self,
        prefix: &str,
        read: impl Fn(&Record) -> Result<T, Unreadable> + Send + Sync,
        deadline: Deadline,
    ) -> Result<Scan<T>, StoreError> {
        let mut haul = Haul::new(prefix, &read);
        let mut ended = self.walk(Cursor::Batch(None), &mut haul, deadline).await;
        if let Err(failure) = &ended
            && !failure.is(Kind::Passing)
        {
            tracing::debug!(code = failure.code, "batches by prefix refused, listing names instead");
            ended = self.walk(Cursor::List(None), &mut haul, deadline).await;
        }
        haul.into_scan(ended)
    }

    /// Page after page until there is no further one, or the same one once more.
    async fn walk<T: Send>(&self, from: Cursor, haul: &mut Haul<'_, T>, deadline: Deadline) -> Result<(), Failure> {
        let mut walked = HashSet::new();
        let mut at = Some(from);
        while let Some(cursor) = at {
            if haul.pages > 0 && deadline.left(self.clock.now()) == SignedDuration::ZERO {
                return Err(stopped("DeadlineReached", Kind::Passing));
            }
            at = self.page_at(&cursor, LIST, haul, deadline).await?;
            if !walked.insert(cursor) {
                return Err(stopped("RepeatedNextToken", Kind::Passing));
            }
        }
        Ok(())
    }

    /// One page into `haul`, and where the next one is. `most` bounds a list of names; a batch has its own bound.
    pub(super) async fn page_at<T: Send>(
        &self,
        cursor: &Cursor,
        most: i32,
        haul: &mut Haul<'_, T>,
        deadline: Deadline,
    ) -> Result<Option<Cursor>, Failure> {
        match cursor {
            Cursor::Batch(token) => {
                let batch = self.batch_by_prefix(haul.prefix, token.clone(), deadline).await?;
                haul.pages += 1;
                let next = batch.next_token.clone();
                self.absorb(batch, haul).await?;
                Ok(next.map(|token| Cursor::Batch(Some(token))))
            }
            Cursor::List(token) => {
                let list = self.list_secrets(haul.prefix, most, token.clone(), deadline).await?;
                let names: Vec<String> = list.secret_list.into_iter().flatten().filter_map(|it| it.name).collect();
                self.by_name(&names, haul, deadline).await?;
                haul.pages += 1;
                Ok(list.next_token.map(|token| Cursor::List(Some(token))))
            }
        }
    }

    async fn by_name<T: Send>(
        &self,
        names: &[String],
        haul: &mut Haul<'_, T>,
        deadline: Deadline,
    ) -> Result<(), Failure> {
        for some in names.chunks(BATCH.unsigned_abs() as usize) {
            match self.batch_by_name(some, deadline).await {
                Ok(batch) => self.absorb(batch, haul).await?,
                Err(failure) if failure.is(Kind::Passing) => return Err(failure),
                Err(_) => self.one_by_one(some, haul).await?,
            }
            haul.pages += 1;
        }
        Ok(())
    }

    /// Takes what a batch gave, and reads alone what it gave in another version or could not give just then.
    async fn absorb<T: Send>(&self, batch: Batch, haul: &mut Haul<'_, T>) -> Result<(), Failure> {
        let mut again = Vec::new();
        for entry in batch.secret_values.into_iter().flatten() {
            match Record::of_batch(entry) {
                Ok(record) => haul.take(&record),
                Err(name) => again.push(name),
            }
        }
        for error in batch.errors.into_iter().flatten() {
            again.extend(self.lost(&error, haul));
        }
        self.one_by_one(&again, haul).await
    }

    /// Notes a secret that a batch could not read; or its name, if it is worth another try.
    fn lost<T>(&self, error: &ApiErrorType, haul: &mut Haul<'_, T>) -> Option<String> {
        let name = name_of_id(error.secret_id().unwrap_or_default());
        let (code, kind) = error::classify(error.error_code(), 400);
        match kind {
            Kind::Absent | Kind::State => None, // retired, or gone since
            Kind::Passing => Some(name.to_owned()),
            _ => {
                self.note(name, &code, haul);
                None
            }
        }
    }

    async fn one_by_one<T: Send>(&self, names: &[String], haul: &mut Haul<'_, T>) -> Result<(), Failure> {
        for name in names {
            match self.current(name).await {
                Ok(Current::Live(record)) => haul.take(&record),
                Ok(Current::Nothing | Current::Retired) => {}
                Err(failure) if failure.is(Kind::Passing) => return Err(failure),
                Err(failure) => self.note(name, &failure.code, haul),
            }
        }
        Ok(())
    }

    fn note<T>(&self, name: &str, code: &str, haul: &mut Haul<'_, T>) {
        if haul.is_news(name) {
            haul.unreadable.push(self.unreadable(name, format!("the store refused it: {code}")));
        }
    }

    pub(super) fn grant(&self, record: &Record) -> Result<Stored, Unreadable> {
        match self.names.grant_of(&record.name) {
            Some(id) => self.stored(&id, record),
            None => Err(self.unreadable(&record.name, "not the name of a grant")),
        }
    }
}

fn stopped(why: &str, kind: Kind) -> Failure {
    Failure { operation: "BatchGetSecretValue", code: why.into(), kind }
}
