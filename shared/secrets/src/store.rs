//! The implementation of the store port.

mod app_states;
mod calls;
mod data_sources;
mod marks;
mod packs;
mod page;
mod read;
mod records_page;
mod retire;
mod retry;
mod scan;
mod scheduled;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use broker_core::app::{App, WebhookSecrets};
use broker_core::app_state::AppState;
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::Grant;
use broker_core::id::{AppName, GrantId};
use broker_core::mark::Mark;
use broker_core::port::{
    Found, GrantsPage, GrantsPart, RecordsPage, Scan, Scheduled, Store, StoreError, Stored, Unreadable, Version,
};
use jiff::Timestamp;

use self::calls::PREVIOUS;
pub(crate) use self::page::PAGE_TIMEOUT;
pub use self::page::{Page, PageError};
use self::read::SecretVersion;
use crate::document::{self, Defect};
use crate::names::SecretNames;
use crate::rate_limit::{CallRateLimit, WriteRateLimits};

/// The most list and batch reads a second of one process. The account's quota is 100, and vend pages as well.
pub const MOST_READS: u32 = 80;

/// [`Store`] over AWS Secrets Manager. Clones share connections and rate limits.
#[derive(Debug, Clone)]
pub struct SecretsManagerStore<C> {
    client: Client,
    names: SecretNames,
    kms_key: Option<String>,
    clock: C,
    reads: CallRateLimit<C>,
    writes: Arc<WriteRateLimits<C>>,
}

impl<C: Clock> SecretsManagerStore<C> {
    /// The store of the secrets whose names start with `prefix` (`SECRET_PREFIX`, slash included). `client` comes from
    /// [`crate::client()`].
    pub fn new(client: Client, prefix: impl Into<String>, clock: C) -> Self {
        Self {
            client,
            names: SecretNames::new(prefix.into()),
            kms_key: None,
            reads: CallRateLimit::per_second(MOST_READS, clock.clone()),
            writes: Arc::new(WriteRateLimits::new(&clock)),
            clock,
        }
    }

    /// Encrypts new grants with this KMS key instead of the one that AWS manages.
    #[must_use]
    pub fn with_key(self, key: Option<String>) -> Self {
        Self { kms_key: key, ..self }
    }

    fn unreadable(&self, name: &str, reason: impl Into<Defect>) -> Unreadable {
        Unreadable { name: self.names.relative(name).to_owned(), reason: reason.into() }
    }

    fn stored(&self, id: &GrantId, secret: &SecretVersion) -> Result<Stored, Unreadable> {
        let grant = secret.text().and_then(|text| document::grant::read(id, text));
        let grant = grant.map_err(|defect| self.unreadable(&secret.name, defect))?;
        Ok(Stored { grant, version: Version(secret.version.clone()) })
    }

    fn stored_by_name(&self, secret: &SecretVersion) -> Result<Stored, Unreadable> {
        match self.names.grant_of(&secret.name) {
            Some(id) => self.stored(&id, secret),
            None => Err(self.unreadable(&secret.name, "not the name of a grant")),
        }
    }

    fn described_app(&self, name: &AppName, secret: &SecretVersion) -> Result<App, Unreadable> {
        match secret.text().and_then(|text| document::app::read(name, text)) {
            Ok(app) => Ok(App { version: secret.version.clone(), ..app }),
            Err(defect) => Err(self.unreadable(&secret.name, defect)),
        }
    }

    fn described_app_by_name(&self, secret: &SecretVersion) -> Result<App, Unreadable> {
        match self.names.app_of(&secret.name) {
            Some(name) => self.described_app(&name, secret),
            None => Err(self.unreadable(&secret.name, "not the name of an app")),
        }
    }
}

impl<C: Clock> Store for SecretsManagerStore<C> {
    async fn app(&self, name: &AppName) -> Result<Option<App>, StoreError> {
        let Found::Live(secret) = self.current(&self.names.app(name)).await? else {
            return Ok(None);
        };
        let app = self.described_app(name, &secret).map_err(StoreError::Unreadable)?;
        Ok(Some(app))
    }

    async fn apps(&self, deadline: Deadline) -> Result<Scan<App>, StoreError> {
        self.scan(&self.names.apps(), |secret| self.described_app_by_name(secret), deadline).await
    }

    async fn webhook_secrets(&self, name: &AppName) -> Result<Option<WebhookSecrets>, StoreError> {
        let Found::Live(secret) = self.current(&self.names.webhooks(name)).await? else {
            return Ok(None);
        };
        match secret.text().and_then(document::webhooks::read) {
            Ok(secrets) => Ok(Some(secrets)),
            Err(defect) => Err(StoreError::Unreadable(self.unreadable(&secret.name, defect))),
        }
    }

    async fn list_grants(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        deadline: Deadline,
    ) -> Result<Option<StoreError>, StoreError> {
        let read = |secret: &SecretVersion| self.stored_by_name(secret);
        let mut see = |grants: Vec<Stored>, unreadable| see(GrantsPage { grants, unreadable, are_packed: false });
        self.scan_pages(&self.names.part(part), &read, &mut see, deadline).await
    }

    async fn load(&self, id: &GrantId) -> Result<Found<Stored>, StoreError> {
        match self.current(&self.names.grant(id)).await? {
            Found::Absent => Ok(Found::Absent),
            Found::Retired => Ok(Found::Retired),
            Found::Live(secret) => {
                let stored = self.stored(id, &secret).map_err(StoreError::Unreadable)?;
                Ok(Found::Live(Box::new(stored)))
            }
        }
    }

    async fn create(&self, grant: &Grant, deadline: Deadline) -> Result<Version, StoreError> {
        self.create_record(grant, deadline).await
    }

    async fn replace(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        self.replace_record(grant, read, deadline).await
    }

    async fn claim(&self, grant: &Grant, read: &Version, deadline: Deadline) -> Result<Version, StoreError> {
        self.claim_record(grant, read, deadline).await
    }

    async fn retire(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.retire_revoked(id, deadline).await
    }

    async fn restore(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.restore_by_name(&self.names.grant(id), deadline).await
    }

    async fn withhold(&self, id: &GrantId, fenced_at: Timestamp, deadline: Deadline) -> Result<(), StoreError> {
        self.withhold_record(id, fenced_at, deadline).await
    }

    async fn withhold_again(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.withhold_noted_record(id, deadline).await
    }

    async fn end_withholding(&self, id: &GrantId, deadline: Deadline) -> Result<(), StoreError> {
        self.end_record_withholding(id, deadline).await
    }

    async fn scheduled_in_error(&self, part: &GrantsPart, deadline: Deadline) -> Result<Vec<Scheduled>, StoreError> {
        self.find_scheduled_in_error(&self.names.part(part), &|_, _| false, deadline).await
    }

    async fn records_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> Result<Option<RecordsPage>, StoreError> {
        self.read_records_page(app, next, deadline).await
    }

    async fn app_states(&self, deadline: Deadline) -> Result<BTreeMap<AppName, AppState>, StoreError> {
        Ok(self.read_app_states(deadline).await?)
    }

    async fn save_app_state(
        &self,
        app: &AppName,
        state: &AppState,
        is_first: bool,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.write_app_state(app, state, is_first, deadline).await
    }

    async fn mark(&self, app: &AppName) -> Result<Option<Mark>, StoreError> {
        Ok(self.read_mark(app).await?)
    }

    async fn move_mark(&self, app: &AppName, deadline: Deadline) -> Result<(), StoreError> {
        self.tag_new_mark(app, deadline).await
    }

    async fn previous(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        let Found::Live(secret) = self.version_at(&self.names.grant(id), PREVIOUS).await? else {
            return Ok(None);
        };
        match self.stored(id, &secret) {
            Ok(stored) => Ok(Some(stored.grant)),
            Err(Unreadable { name, reason }) => {
                tracing::warn!(secret = name, reason, "the version before the current one cannot be read");
                Ok(None)
            }
        }
    }
}
