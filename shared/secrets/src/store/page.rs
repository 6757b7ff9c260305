//! One page of one app's grants, for a caller who pages himself.

use broker_core::clock::{Clock, Deadline};
use broker_core::id::AppName;
use broker_core::port::{StoreError, Stored, Unreadable};
use jiff::SignedDuration;

use super::SecretsManagerStore;
use super::calls::BATCH;
use super::read::Record;
use super::scan::{Cursor, Haul};
use crate::error::{Failure, Kind};

/// How long a page is tried: about what a caller over HTTP waits before he asks again anyway.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);

/// At most 20 grants of one app. A page may be empty and still have a next one.
#[derive(Debug)]
pub struct Page {
    /// What could be read, retired grants left out.
    pub grants: Vec<Stored>,
    /// What was there and could not be read.
    pub unreadable: Vec<Unreadable>,
    /// What leads to the next page; opaque, to be given back as it is. `None` at the end.
    pub next: Option<String>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// `next` is not what an earlier page gave: the caller's mistake.
    #[error("`next` does not come from an earlier page, or is too old")]
    Next,
    /// The store did not give it.
    #[error("the store gave no page")]
    Store(#[source] StoreError),
}

impl<C: Clock> SecretsManagerStore<C> {
    /// The first page of an app's grants, or the one that `next` of an earlier page leads to.
    pub async fn page(&self, app: &AppName, next: Option<&str>) -> Result<Page, PageError> {
        let prefix = self.names.grants_of(app);
        let deadline = Deadline::at(self.clock.now() + PATIENCE);
        let read = |record: &Record| self.grant(record);
        let mut haul = Haul::new(&prefix, &read);
        let cursor = next.map_or(Ok(Cursor::Batch(None)), parse)?;
        let mut asked = self.page_at(&cursor, BATCH, &mut haul, deadline).await;
        if cursor == Cursor::Batch(None) && asked.as_ref().is_err_and(|failure| !failure.is(Kind::Passing)) {
            asked = self.page_at(&Cursor::List(None), BATCH, &mut haul, deadline).await;
        }
        let next = asked.map_err(|failure| error(failure, next.is_some()))?;
        Ok(Page { grants: haul.items, unreadable: haul.unreadable, next: next.map(text) })
    }
}

/// The two ways of paging have tokens of their own, which must not be mixed up.
fn text(cursor: Cursor) -> String {
    match cursor {
        Cursor::Batch(token) => format!("b.{}", token.unwrap_or_default()),
        Cursor::List(token) => format!("l.{}", token.unwrap_or_default()),
    }
}

fn parse(next: &str) -> Result<Cursor, PageError> {
    match next.split_once('.').filter(|(_, token)| !token.is_empty()) {
        Some(("b", token)) => Ok(Cursor::Batch(Some(token.to_owned()))),
        Some(("l", token)) => Ok(Cursor::List(Some(token.to_owned()))),
        _ => Err(PageError::Next),
    }
}

/// A caller's token is the only parameter of the call that is not ours, so a parameter that is wrong is his.
fn error(failure: Failure, next_given: bool) -> PageError {
    match failure.kind {
        Kind::Token => PageError::Next,
        Kind::Parameter if next_given => PageError::Next,
        _ => PageError::Store(failure.into()),
    }
}
