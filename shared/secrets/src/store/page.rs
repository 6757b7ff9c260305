//! One page of an app's grants, for callers that page themselves.

use broker_core::clock::{Clock, Deadline};
use broker_core::id::AppName;
use broker_core::port::{StoreError, Stored, Unreadable};
use jiff::SignedDuration;

use super::SecretsManagerStore;
use super::calls::BATCH;
use super::read::SecretVersion;
use super::scan::{ScanCursor, ScanResults};
use crate::error::{CallError, CallErrorKind};

/// Time for one page, about as long as an HTTP caller waits before it tries again.
pub(crate) const PAGE_TIMEOUT: SignedDuration = SignedDuration::from_secs(5);

/// At most 20 grants of one app. A page may be empty and still have a next one.
#[derive(Debug)]
pub struct Page {
    /// The grants that could be read, without retired ones.
    pub grants: Vec<Stored>,
    /// Secrets that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// An opaque token that leads to the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The caller's `next` was not returned by an earlier page.
    #[error("`next` does not come from an earlier page, or is too old")]
    Next,
    /// Secrets Manager failed.
    #[error("the page cannot be read from Secrets Manager")]
    Store(#[source] StoreError),
}

impl<C: Clock> SecretsManagerStore<C> {
    /// The first page of an app's grants, or the one that the `next` of an earlier page leads to.
    pub async fn page(&self, app: &AppName, next: Option<&str>) -> Result<Page, PageError> {
        let prefix = self.names.grants_of(app);
        let deadline = Deadline::at(self.clock.now() + PAGE_TIMEOUT);
        let read = |secret: &SecretVersion| self.stored_by_name(secret);
        let mut results = ScanResults::new(&prefix, &read);
        let cursor = match next {
            Some(next) => parse_next(next)?,
            None => ScanCursor::Batch(None),
        };
        let mut page = self.read_page(&cursor, BATCH, &mut results, deadline).await;
        if let Err(error) = &page
            && cursor == ScanCursor::Batch(None)
            && !error.is(CallErrorKind::Transient)
        {
            page = self.read_page(&ScanCursor::List(None), BATCH, &mut results, deadline).await;
        }
        match page {
            Ok(following) => {
                let next = following.map(next_of);
                Ok(Page { grants: results.items, unreadable: results.unreadable, next })
            }
            Err(error) => Err(page_error(error, next.is_some())),
        }
    }
}

/// The letter tells the tokens of the two ways of paging apart.
fn next_of(cursor: ScanCursor) -> String {
    match cursor {
        ScanCursor::Batch(token) => format!("b.{}", token.unwrap_or_default()),
        ScanCursor::List(token) => format!("l.{}", token.unwrap_or_default()),
    }
}

fn parse_next(next: &str) -> Result<ScanCursor, PageError> {
    match next.split_once('.') {
        Some((_, "")) | None => Err(PageError::Next),
        Some(("b", token)) => Ok(ScanCursor::Batch(Some(token.to_owned()))),
        Some(("l", token)) => Ok(ScanCursor::List(Some(token.to_owned()))),
        Some(_) => Err(PageError::Next),
    }
}

/// The caller's token is the only parameter of the call that comes from outside, so a wrong parameter is the token.
fn page_error(error: CallError, next_given: bool) -> PageError {
    match error.kind {
        CallErrorKind::Token => PageError::Next,
        CallErrorKind::Parameter if next_given => PageError::Next,
        _ => PageError::Store(error.into()),
    }
}
