//! Webhook keys, for webhook.

use std::collections::HashMap;
use std::sync::Arc;

use broker_core::app::WebhookSecrets;
use broker_core::clock::Clock;
use broker_core::id::AppName;
use broker_core::port::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// Shortest time between two reads that a stranger can cause: by a signature that no key explains, or by the name of an
/// app that does not exist.
const STRANGERS_WAIT: SignedDuration = SignedDuration::from_secs(5);

/// Most names remembered as absent, hence most reads for made-up names in [`STRANGERS_WAIT`]. An operator has fewer
/// apps than that which are registered with Webex but not stored here.
const MOST_ABSENT: usize = 32;

/// Webhook keys read through a cache.
///
/// Keys that were read once keep working while the store is down, however old they are: a delivery that is refused is
/// not repeated for ever.
#[derive(Debug)]
pub struct CachedKeys<V, C> {
    vault: V,
    clock: C,
    ttl: SignedDuration,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    known: HashMap<AppName, Entry>,
    absent: HashMap<AppName, Timestamp>,
}

#[derive(Debug)]
struct Entry {
    keys: Arc<WebhookSecrets>,
    /// When they are to be read again: a TTL after a read that worked, a moment after one that did not.
    stale_at: Timestamp,
    reread_at: Option<Timestamp>,
}

impl<V: Store, C: Clock> CachedKeys<V, C> {
    /// Keeps what `vault` says for `ttl` (`CACHE_TTL`) by `clock`.
    pub fn new(vault: V, ttl: SignedDuration, clock: C) -> Self {
        Self { vault, clock, ttl, kept: Mutex::default() }
    }

    /// The keys of one app, `None` if there is no such app. An error means that they cannot be read and that none were
    /// ever read here.
    pub async fn keys(&self, app: &AppName) -> Result<Option<Arc<WebhookSecrets>>, StoreError> {
        let now = self.clock.now();
        match self.kept.lock().await.look(app, now) {
            Look::Fresh(keys) => return Ok(Some(keys)),
            Look::Absent => return Ok(None),
            Look::TooMany => return Err(too_many()),
            Look::Unknown => {}
        }
        match self.vault.webhook_secrets(app).await {
            Ok(keys) => Ok(self.keep(app, keys, now).await),
            Err(error) => self.make_do(app, now, error).await.map(Some),
        }
    }

    /// The keys of one app as they stand now, if they may be read: once in five seconds for each app. To be asked when
    /// a signature fits none of [`Self::keys`], because the operator may have changed them.
    pub async fn reread(&self, app: &AppName) -> Option<Arc<WebhookSecrets>> {
        let now = self.clock.now();
        if !self.kept.lock().await.may_reread(app, now) {
            return None;
        }
        match self.vault.webhook_secrets(app).await {
            Ok(keys) => self.keep(app, keys, now).await,
            Err(error) => {
                tracing::warn!(app = app.as_str(), error = %error, "webhook keys cannot be read again");
                None
            }
        }
    }

    async fn keep(&self, app: &AppName, keys: Option<WebhookSecrets>, now: Timestamp) -> Option<Arc<WebhookSecrets>> {
        let keys = keys.map(Arc::new);
        let mut kept = self.kept.lock().await;
        match &keys {
            Some(keys) => kept.learn(app, keys, after(now, self.ttl)),
            None => kept.forget(app, now),
        }
        keys
    }

    /// The keys of before, if there are any; they are good for a moment, so that not every delivery waits for a store
    /// that is down.
    async fn make_do(
        &self,
        app: &AppName,
        now: Timestamp,
        error: StoreError,
    ) -> Result<Arc<WebhookSecrets>, StoreError> {
        let mut kept = self.kept.lock().await;
        let Some(entry) = kept.known.get_mut(app) else {
            return Err(error);
        };
        tracing::warn!(app = app.as_str(), error = %error, "webhook keys cannot be read, using those of before");
        entry.stale_at = after(now, STRANGERS_WAIT);
        Ok(Arc::clone(&entry.keys))
    }
}

/// What memory says about an app.
enum Look {
    Fresh(Arc<WebhookSecrets>),
    Absent,
    /// So many names were made up of late that this one is not looked for.
    TooMany,
    /// Nothing, or nothing fresh.
    Unknown,
}

impl Kept {
    fn look(&mut self, app: &AppName, now: Timestamp) -> Look {
        if let Some(entry) = self.known.get(app) {
            let fresh = now < entry.stale_at;
            return if fresh { Look::Fresh(Arc::clone(&entry.keys)) } else { Look::Unknown };
        }
        self.absent.retain(|_, since| now.duration_since(*since) < STRANGERS_WAIT);
        match self.absent.len() {
            _ if self.absent.contains_key(app) => Look::Absent,
            MOST_ABSENT.. => Look::TooMany,
            _ => Look::Unknown,
        }
    }

    /// Whether the keys of a known app may be read again now; if so, not again for a while.
    fn may_reread(&mut self, app: &AppName, now: Timestamp) -> bool {
        let Some(entry) = self.known.get_mut(app) else {
            return false;
        };
        let waited = |before: Timestamp| now.duration_since(before) >= STRANGERS_WAIT;
        let may = entry.reread_at.is_none_or(waited);
        if may {
            entry.reread_at = Some(now);
        }
        may
    }

    fn learn(&mut self, app: &AppName, keys: &Arc<WebhookSecrets>, stale_at: Timestamp) {
        let reread_at = self.known.get(app).and_then(|entry| entry.reread_at);
        let keys = Arc::clone(keys);
        self.absent.remove(app);
        self.known.insert(app.clone(), Entry { keys, stale_at, reread_at });
    }

    fn forget(&mut self, app: &AppName, now: Timestamp) {
        self.known.remove(app);
        self.absent.insert(app.clone(), now);
    }
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

fn too_many() -> StoreError {
    StoreError::Unavailable { operation: "GetSecretValue", code: "TooManyUnknownApps".into() }
}

#[cfg(test)]
mod tests;
