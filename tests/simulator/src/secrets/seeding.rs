//! What a test can put into the store and see in it, without a request.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::secret::Secret;
use super::versions::{CURRENT, Content, Version};
use super::{SecretsManager, values};

/// One version of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionView {
    /// The version's id.
    pub id: String,
    /// Its labels.
    pub stages: BTreeSet<String>,
    /// When it was written.
    pub created: Timestamp,
}

impl SecretsManager {
    /// Makes `value` the current version of `name`, creating or restoring the secret if need be.
    pub fn put_json(&self, name: &str, value: &Value) -> anyhow::Result<()> {
        self.put_text(name, &value.to_string())
    }

    /// The same with any text, JSON or not.
    pub fn put_text(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let now = self.now();
        let mut store = self.store();
        store.bury(now);
        let written = if let Ok(secret) = store.find(name) {
            secret.deletion = None;
            values::put(&mut store, &json!({"SecretId": name, "SecretString": text}), now)
        } else {
            values::create(&mut store, &json!({"Name": name, "SecretString": text}), now)
        };
        written.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        Ok(())
    }

    /// The current value, if it is JSON; of secrets marked for deletion, too.
    pub fn current_json(&self, name: &str) -> Option<Value> {
        serde_json::from_str(&self.current_text(name)?).ok()
    }

    /// The current value as text; of secrets marked for deletion, too.
    pub fn current_text(&self, name: &str) -> Option<String> {
        self.look(name, |secret| text(secret.versions.by_stage(CURRENT)?))?
    }

    /// The value of any version that is still there.
    pub fn version_text(&self, name: &str, version_id: &str) -> Option<String> {
        self.look(name, |secret| text(secret.versions.by_id(version_id)?))?
    }

    /// All versions, oldest first, those without labels included.
    pub fn versions(&self, name: &str) -> Vec<VersionView> {
        let view = |version: &Version| VersionView {
            id: version.id.clone(),
            stages: version.stages.clone(),
            created: version.created,
        };
        let versions = self.look(name, |secret| secret.versions.iter().map(view).collect());
        versions.unwrap_or_default()
    }

    /// The tags of a secret.
    pub fn tags(&self, name: &str) -> BTreeMap<String, String> {
        self.look(name, |secret| secret.tags.clone()).unwrap_or_default()
    }

    /// Whether a deletion is coming.
    pub fn is_scheduled_for_deletion(&self, name: &str) -> bool {
        self.look(name, |secret| secret.deletion.is_some()).unwrap_or_default()
    }

    /// The names of all secrets, those marked for deletion included.
    pub fn names(&self) -> Vec<String> {
        let mut store = self.store();
        store.bury(self.now());
        store.secrets.keys().cloned().collect()
    }

    /// Removes a secret at once; whether there was one.
    pub fn remove(&self, name: &str) -> bool {
        self.store().secrets.remove(name).is_some()
    }

    fn look<T>(&self, name: &str, at: impl FnOnce(&Secret) -> T) -> Option<T> {
        let mut store = self.store();
        store.bury(self.now());
        store.secrets.get(name).map(at)
    }
}

fn text(version: &Version) -> Option<String> {
    match &version.content {
        Content::Text(text) => Some(text.clone()),
        Content::Binary(_) => None,
    }
}
