//! The port itself.

mod calls;
mod patience;
mod read;
mod retire;
mod scan;
mod write;

mod page;

use aws_sdk_secretsmanager::Client;
use broker_core::app::{App, WebhookSecrets};
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::Grant;
use broker_core::id::{AppName, GrantId};
use broker_core::port::{Found, Scan, Scheduled, Store, StoreError, Stored, Unreadable, Version};
use jiff::Timestamp;

pub use self::page::{Page, PageError};
use self::read::{Current, Record};
use crate::document::{self, Reason};
use crate::names::Names;
use crate::pace::Pace;

/// List and batch reads a second by one process. The account's quota is about 100, and vend pages as well.
const READS_PER_SECOND: i32 = 80;

/// Writes a second by one process; putting a version and moving a label are two. The account's quota is about 50.
const WRITES_PER_SECOND: i32 = 40;

/// [`Store`] over AWS Secrets Manager. Clones share the connections and the pace.
#[derive(Debug, Clone)]
pub struct SecretsManagerStore<C> {
    client: Client,
    names: Names,
    key: Option<String>,
    clock: C,
    reads: Pace<C>,
    writes: Pace<C>,
}

impl<C: Clock> SecretsManagerStore<C> {
    /// The secrets whose names start with `prefix` (`SECRET_PREFIX`, slash included). `client` comes from
    /// [`crate::client()`].
    pub fn new(client: Client, prefix: impl Into<String>, clock: C) -> Self {
        Self {
            client,
            names: Names::new(prefix.into()),
            key: None,
            reads: Pace::per_second(READS_PER_SECOND, clock.clone()),
            writes: Pace::per_second(WRITES_PER_SECOND, clock.clone()),
            clock,
        }
    }

    /// Makes new grants under this KMS key instead of the one that AWS manages.
    #[must_use]
    pub fn with_key(self, key: Option<String>) -> Self {
        Self { key, ..self }
    }

    fn unreadable(&self, name: &str, reason: impl Into<Reason>) -> Unreadable {
        Unreadable { name: self.names.relative(name).to_owned(), reason: reason.into() }
    }

    fn stored(&self, id: &GrantId, record: &Record) -> Result<Stored, Unreadable> {
        let grant = record.text().and_then(|text| document::grant::read(id, text));
        let grant = grant.map_err(|reason| self.unreadable(&record.name, reason))?;
        let version = Version(record.version.clone());
        Ok(Stored { grant, version })
    }

    fn described(&self, name: &AppName, record: &Record) -> Result<App, Unreadable> {
        let app = record.text().and_then(|text| document::app::read(name, text));
        app.map_err(|reason| self.unreadable(&record.name, reason))
    }
}

impl<C: Clock> Store for SecretsManagerStore<C> {
    async fn app(&self, name: &AppName) -> Result<Option<App>, StoreError> {
        match self.current(&self.names.app(name)).await? {
            Current::Live(record) => self.described(name, &record).map(Some).map_err(StoreError::Unreadable),
            Current::Nothing | Current::Retired => Ok(None),
        }
    }

    async fn apps(&self, deadline: Deadline) -> Result<Scan<App>, StoreError> {
        let read = |record: &Record| match self.names.app_of(&record.name) {
            Some(name) => self.described(&name, record),
            None => Err(self.unreadable(&record.name, "not the name of an app")),
        };
        self.scan(&self.names.apps(), read, deadline).await
    }

    async fn webhook_secrets(&self, name: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        let Current::Live(record) = self.current(&self.names.webhooks(name)).await? else {
            return Ok(None);
        };
        let keys = record.text().and_then(document::webhooks::read);
        keys.map(Some).map_err(|reason| StoreError::Unreadable(self.unreadable(&record.name, reason)))
    }

    async fn grants(&self, deadline: Deadline) -> Result<Scan<Stored>, StoreError> {
        self.scan(&self.names.grants(), |record| self.grant(record), deadline).await
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        match self.current(&self.names.grant(id)).await? {
            Current::Nothing => Ok(Found::Absent),
            Current::Retired => Ok(Found::Retired),
            Current::Live(record) => {
                let stored = self.stored(id, &record).map_err(StoreError::Unreadable)?;
                Ok(Found::Live(Box::new(stored)))
            }
        }
    }

    async fn create(&self, grant: &Grant, deadline: Deadline) -> Result<Version, StoreError> {
        self.make(grant, deadline).await
    }

    async fn replace(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        self.swap(grant, read, deadline).await
    }

    async fn retire(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.schedule_deletion(id, deadline).await
    }

    async fn restore(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.cancel_deletion(&self.names.grant(id), deadline).await
    }

    async fn withhold(&self, id: &GrantId, _fenced_at: Timestamp, deadline: Deadline) -> Result<(), StoreError> {
        Ok(self.delete_secret(&self.names.grant(id), deadline).await?)
    }

    async fn scheduled_in_error(&self, _deadline: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        Ok(Vec::new())
    }

    async fn previous(&self, _id: &GrantId) -> Result<Option<Grant>, StoreError> {
        Ok(None)
    }
}
