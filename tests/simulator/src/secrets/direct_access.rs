//! Reads and writes of a test that bypass HTTP and the journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::secret::Secret;
use super::versions::{CURRENT, Content, Version};
use super::{SecretsManager, values};

/// One version of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionView {
    /// The id of the version.
    pub id: String,
    /// Its staging labels.
    pub stages: BTreeSet<String>,
    /// When it was written.
    pub created: Timestamp,
}

impl VersionView {
    fn of(version: &Version) -> Self {
        Self { id: version.id.clone(), stages: version.stages.clone(), created: version.created }
    }
}

impl SecretsManager {
    /// Writes `value` as the current version of `name`. Creates the secret if it does not exist, and restores it if it is
    /// scheduled for deletion.
    pub fn put_json(&self, name: &str, value: &Value) -> anyhow::Result<()> {
        self.put_text(name, &value.to_string())
    }

    /// Like [`SecretsManager::put_json`], with text that need not be JSON.
    pub fn put_text(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let now = self.now();
        let mut store = self.store();
        store.remove_expired(now);
        let written = if let Ok(secret) = store.find(name) {
            secret.deletion = None;
            values::put(&mut store, &json!({"SecretId": name, "SecretString": text}), now)
        } else {
            values::create(&mut store, &json!({"Name": name, "SecretString": text}), now)
        };
        written.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(())
    }

    /// The current value, if it is JSON; also of a secret that is scheduled for deletion.
    pub fn current_json(&self, name: &str) -> Option<Value> {
        serde_json::from_str(&self.current_text(name)?).ok()
    }

    /// The current value, if it is text; also of a secret that is scheduled for deletion.
    pub fn current_text(&self, name: &str) -> Option<String> {
        self.read(name, |secret| text(secret.versions.by_stage(CURRENT)?))?
    }

    /// The value of a version, if it still exists and is text.
    pub fn version_text(&self, name: &str, version_id: &str) -> Option<String> {
        self.read(name, |secret| text(secret.versions.by_id(version_id)?))?
    }

    /// All versions, oldest first, including those without labels.
    pub fn versions(&self, name: &str) -> Vec<VersionView> {
        self.read(name, |secret| secret.versions.iter().map(VersionView::of).collect()).unwrap_or_default()
    }

    /// The tags of a secret.
    pub fn tags(&self, name: &str) -> BTreeMap<String, String> {
        self.read(name, |secret| secret.tags.clone()).unwrap_or_default()
    }

    /// Whether the secret is scheduled for deletion.
    pub fn is_scheduled_for_deletion(&self, name: &str) -> bool {
        self.read(name, |secret| secret.deletion.is_some()).unwrap_or_default()
    }

    /// The names of all secrets, including those scheduled for deletion.
    pub fn names(&self) -> Vec<String> {
        let mut store = self.store();
        store.remove_expired(self.now());
        store.secrets.keys().cloned().collect()
    }

    /// Removes a secret at once; false if it does not exist.
    pub fn remove(&self, name: &str) -> bool {
        self.store().secrets.remove(name).is_some()
    }

    fn read<T>(&self, name: &str, at: impl FnOnce(&Secret) -> T) -> Option<T> {
        let mut store = self.store();
        store.remove_expired(self.now());
        store.secrets.get(name).map(at)
    }
}

fn text(version: &Version) -> Option<String> {
    match &version.content {
        Content::Text(text) => Some(text.clone()),
        Content::Binary(_) => None,
    }
}
