//! Webhook secrets, for webhook.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use broker_core::app::WebhookSecrets;
use broker_core::clock::Clock;
use broker_core::id::AppName;
use broker_core::port::{Store, StoreError};
use broker_core::sync::lock;
use jiff::{SignedDuration, Timestamp};

use super::is_within;

/// Shortest time between two reads for one app that a stranger can cause: by a wrong signature, or by the name of an
/// app that does not exist.
const REREAD_INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// Most names remembered as absent, hence most reads for made-up names in [`REREAD_INTERVAL`]. An operator has fewer
/// apps than that which are registered with Webex but not stored here.
const MOST_ABSENT: usize = 32;

/// Webhook secrets read through a cache.
///
/// Secrets that were read once keep working while the store is down, however old they are: Webex does not repeat a
/// refused delivery for ever.
#[derive(Debug)]
pub struct CachedWebhookSecrets<S, C> {
    store: S,
    clock: C,
    ttl: SignedDuration,
    apps: Mutex<KnownApps>,
}

#[derive(Debug, Default)]
struct KnownApps {
    present: HashMap<AppName, SecretsEntry>,
    /// Names without secrets, and when that was read.
    absent: HashMap<AppName, Timestamp>,
}

#[derive(Debug)]
struct SecretsEntry {
    secrets: Arc<WebhookSecrets>,
    /// When they are to be read again: a TTL after a read that worked, [`REREAD_INTERVAL`] after one that failed.
    stale_at: Timestamp,
    reread_at: Option<Timestamp>,
}

impl<S: Store, C: Clock> CachedWebhookSecrets<S, C> {
    /// Caches the webhook secrets of `store` for `ttl` (`CACHE_TTL`).
    pub fn new(store: S, ttl: SignedDuration, clock: C) -> Self {
        Self { store, clock, ttl, apps: Mutex::default() }
    }

    /// The secrets of one app; `None` if there is no such app. An error means that the secrets cannot be read and were
    /// never read here.
    pub async fn get(&self, app: &AppName) -> Result<Option<Arc<WebhookSecrets>>, StoreError> {
        let now = self.clock.now();
        let known = lock(&self.apps).lookup(app, now);
        match known {
            KnownSecrets::Fresh(secrets) => return Ok(Some(secrets)),
            KnownSecrets::Absent => return Ok(None),
            KnownSecrets::TooManyAbsent => return Err(too_many_absent()),
            KnownSecrets::Unknown => {}
        }
        match self.store.webhook_secrets(app).await {
            Ok(secrets) => Ok(self.record_found(app, secrets, now)),
            Err(error) => self.last_known(app, now, error).map(Some),
        }
    }

    /// The secrets of one app as the store has them now, at most once in [`REREAD_INTERVAL`] for each app. For a
    /// signature that matches none of [`Self::get`]: the operator may have rotated the secret.
    pub async fn reread(&self, app: &AppName) -> Option<Arc<WebhookSecrets>> {
        let now = self.clock.now();
        let allowed = lock(&self.apps).begin_reread(app, now);
        if !allowed {
            return None;
        }
        match self.store.webhook_secrets(app).await {
            Ok(secrets) => self.record_found(app, secrets, now),
            Err(error) => {
                tracing::warn!(app = app.as_str(), error = %error, "cannot reread the webhook secrets");
                None
            }
        }
    }

    fn record_found(
        &self,
        app: &AppName,
        secrets: Option<WebhookSecrets>,
        now: Timestamp,
    ) -> Option<Arc<WebhookSecrets>> {
        let secrets = secrets.map(Arc::new);
        let mut apps = lock(&self.apps);
        match &secrets {
            Some(secrets) => apps.insert(app, secrets, later(now, self.ttl)),
            None => apps.insert_absent(app, now),
        }
        secrets
    }

    /// The last known secrets after a failed read. They count as fresh for a moment, so that not every delivery waits
    /// for a store that is down.
    fn last_known(&self, app: &AppName, now: Timestamp, error: StoreError) -> Result<Arc<WebhookSecrets>, StoreError> {
        let mut apps = lock(&self.apps);
        let Some(entry) = apps.present.get_mut(app) else {
            return Err(error);
        };
        tracing::warn!(app = app.as_str(), error = %error, "using the last known webhook secrets");
        entry.stale_at = later(now, REREAD_INTERVAL);
        Ok(Arc::clone(&entry.secrets))
    }
}

/// What is known about an app without a read.
enum KnownSecrets {
    Fresh(Arc<WebhookSecrets>),
    Absent,
    /// So many unknown names were asked for of late that this one is not read.
    TooManyAbsent,
    /// Nothing, or nothing fresh.
    Unknown,
}

impl KnownApps {
    fn lookup(&mut self, app: &AppName, now: Timestamp) -> KnownSecrets {
        if let Some(entry) = self.present.get(app) {
            if now < entry.stale_at {
                return KnownSecrets::Fresh(Arc::clone(&entry.secrets));
            }
            return KnownSecrets::Unknown;
        }
        self.absent.retain(|_, read_at| is_within(REREAD_INTERVAL, *read_at, now));
        if self.absent.contains_key(app) {
            KnownSecrets::Absent
        } else if self.absent.len() >= MOST_ABSENT {
            KnownSecrets::TooManyAbsent
        } else {
            KnownSecrets::Unknown
        }
    }

    /// Whether the secrets of a known app may be reread now. If so, the next reread has to wait.
    fn begin_reread(&mut self, app: &AppName, now: Timestamp) -> bool {
        let Some(entry) = self.present.get_mut(app) else {
            return false;
        };
        if let Some(reread_at) = entry.reread_at
            && is_within(REREAD_INTERVAL, reread_at, now)
        {
            return false;
        }
        entry.reread_at = Some(now);
        true
    }

    fn insert(&mut self, app: &AppName, secrets: &Arc<WebhookSecrets>, stale_at: Timestamp) {
        let reread_at = self.present.get(app).and_then(|entry| entry.reread_at);
        let secrets = Arc::clone(secrets);
        self.absent.remove(app);
        self.present.insert(app.clone(), SecretsEntry { secrets, stale_at, reread_at });
    }

    fn insert_absent(&mut self, app: &AppName, now: Timestamp) {
        self.present.remove(app);
        self.absent.insert(app.clone(), now);
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

fn too_many_absent() -> StoreError {
    StoreError::Unavailable { operation: "GetSecretValue", code: "TooManyUnknownApps".into() }
}

#[cfg(test)]
mod tests;
