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
use crate::rate_limit::CallRateLimit;

/// Shortest time between two reads for one app that a stranger can cause: by a wrong signature, or by the name of an
/// app that does not exist.
const REREAD_INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// Reads a second of names that are not known to this environment. Lambda gives an environment one request at a time, so
/// a genuine first delivery waits for at most one slot of 10 ms, however many made-up names are asked for. The
/// account's quota of 10,000 reads a second is enough for a hundred environments at this rate.
const UNKNOWN_NAMES_PER_SECOND: u32 = 100;

/// Longest wait for a slot. Only a process that serves many requests at once reaches it.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(2);

/// Most names remembered as absent. More of them are made up, and each costs a slot.
const MOST_ABSENT: usize = 1024;

/// Webhook secrets read through a cache.
///
/// Secrets that were read once keep working while the store is down, however old they are: Webex does not repeat a
/// refused delivery for ever. Made-up names never keep a known app from being served, and never count as an outage.
#[derive(Debug)]
pub struct CachedWebhookSecrets<S, C> {
    store: S,
    clock: C,
    ttl: SignedDuration,
    unknown_names: CallRateLimit<C>,
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
    read_at: Timestamp,
    /// The newest read, if it failed. Until [`REREAD_INTERVAL`] later the secrets count as fresh.
    failed_at: Option<Timestamp>,
    reread_at: Option<Timestamp>,
}

/// What is known about an app without a read.
enum KnownSecrets {
    Fresh(Arc<WebhookSecrets>),
    /// Secrets older than the TTL.
    Stale,
    Absent,
    Unknown,
}

impl<S: Store, C: Clock> CachedWebhookSecrets<S, C> {
    /// Caches the webhook secrets of `store` for `ttl` (`CACHE_TTL`).
    pub fn new(store: S, ttl: SignedDuration, clock: C) -> Self {
        let unknown_names = CallRateLimit::per_second(UNKNOWN_NAMES_PER_SECOND, clock.clone());
        Self { store, clock, ttl, unknown_names, apps: Mutex::default() }
    }

    /// The secrets of one app; `None` if there is no such app. An error means that the secrets cannot be read and were
    /// never read here.
    pub async fn get(&self, app: &AppName) -> Result<Option<Arc<WebhookSecrets>>, StoreError> {
        let known = lock(&self.apps).lookup(app, self.ttl, self.clock.now());
        match known {
            KnownSecrets::Fresh(secrets) => return Ok(Some(secrets)),
            KnownSecrets::Absent => return Ok(None),
            KnownSecrets::Stale => {}
            KnownSecrets::Unknown => {
                if !self.unknown_names.wait_at_most(LONGEST_WAIT).await {
                    return Ok(None);
                }
            }
        }
        let now = self.clock.now();
        match self.store.webhook_secrets(app).await {
            Ok(secrets) => Ok(self.record_found(app, secrets, now)),
            Err(error) => self.last_known(app, now, error).map(Some),
        }
    }

    /// The secrets of one app as the store has them now, at most once in `REREAD_INTERVAL` for each app. For a
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
            Some(secrets) => apps.insert(app, secrets, now),
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
        entry.failed_at = Some(now);
        Ok(Arc::clone(&entry.secrets))
    }
}

impl KnownApps {
    fn lookup(&self, app: &AppName, ttl: SignedDuration, now: Timestamp) -> KnownSecrets {
        if let Some(entry) = self.present.get(app) {
            if entry.is_fresh(ttl, now) {
                return KnownSecrets::Fresh(Arc::clone(&entry.secrets));
            }
            return KnownSecrets::Stale;
        }
        match self.absent.get(app) {
            Some(read_at) if is_within(REREAD_INTERVAL, *read_at, now) => KnownSecrets::Absent,
            _ => KnownSecrets::Unknown,
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

    fn insert(&mut self, app: &AppName, secrets: &Arc<WebhookSecrets>, now: Timestamp) {
        let reread_at = self.present.get(app).and_then(|entry| entry.reread_at);
        let secrets = Arc::clone(secrets);
        self.absent.remove(app);
        self.present.insert(app.clone(), SecretsEntry { secrets, read_at: now, failed_at: None, reread_at });
    }

    fn insert_absent(&mut self, app: &AppName, now: Timestamp) {
        self.present.remove(app);
        if self.absent.len() >= MOST_ABSENT {
            self.absent.retain(|_, read_at| is_within(REREAD_INTERVAL, *read_at, now));
        }
        if self.absent.len() < MOST_ABSENT {
            self.absent.insert(app.clone(), now);
        }
    }
}

impl SecretsEntry {
    fn is_fresh(&self, ttl: SignedDuration, now: Timestamp) -> bool {
        if is_within(ttl, self.read_at, now) {
            return true;
        }
        match self.failed_at {
            Some(failed_at) => is_within(REREAD_INTERVAL, failed_at, now),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
