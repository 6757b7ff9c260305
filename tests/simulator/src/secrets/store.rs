//! All secrets, and the parameters by which requests name them.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Builder;

use super::refusal::{Outcome, Refusal};
use super::secret::{Deletion, Secret};
use super::versions::Content;

/// The longest secret value, in bytes.
const MAX_CONTENT: usize = 65_536;

/// The state behind the lock.
pub(crate) struct Store {
    /// By name.
    pub(crate) secrets: BTreeMap<String, Secret>,
    pub(crate) version_quota: usize,
    pub(crate) list_staleness: SignedDuration,
    /// Nothing is due for deletion before this.
    earliest_due: Timestamp,
    rng: Rng,
}

impl Store {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            secrets: BTreeMap::new(),
            version_quota: 100,
            list_staleness: SignedDuration::ZERO,
            earliest_due: Timestamp::MAX,
            rng: Rng::with_seed(seed),
        }
    }

    pub(crate) fn uuid(&mut self) -> String {
        let bytes = self.rng.u128(..).to_be_bytes();
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// An ARN ends in six random characters, so that a secret that is made anew has another one.
    pub(crate) fn arn(&mut self, name: &str) -> String {
        let suffix: String = (0..6).map(|_| self.rng.alphanumeric()).collect();
        format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-{suffix}")
    }

    /// Marks a secret for deletion.
    pub(crate) fn condemn(&mut self, secret_id: &str, deletion: Deletion) -> Outcome<&Secret> {
        self.earliest_due = self.earliest_due.min(deletion.due);
        let secret = self.find(secret_id)?.usable()?;
        secret.deletion = Some(deletion);
        secret.changed = deletion.marked;
        Ok(secret)
    }

    /// Removes what is past its date of deletion.
    pub(crate) fn bury(&mut self, now: Timestamp) {
        if now < self.earliest_due {
            return;
        }
        let due = |secret: &Secret| secret.deletion.map(|deletion| deletion.due);
        self.secrets.retain(|_, secret| due(secret).is_none_or(|due| due > now));
        let earliest = self.secrets.values().filter_map(due).min();
        self.earliest_due = earliest.unwrap_or(Timestamp::MAX);
    }

    /// The secret that `SecretId` names: by name, by ARN, or by an ARN without its suffix.
    pub(crate) fn find(&mut self, secret_id: &str) -> Outcome<&mut Secret> {
        let found = if secret_id.starts_with("arn:") {
            let mut secrets = self.secrets.values_mut();
            secrets.find(|secret| secret.is_at(secret_id))
        } else {
            self.secrets.get_mut(secret_id)
        };
        found.ok_or_else(Refusal::not_found)
    }
}

/// A parameter that must be there.
pub(crate) fn required(body: &Value, name: &str) -> Outcome<String> {
    let missing = || Refusal::validation(format!("{name} must not be null."));
    optional(body, name).ok_or_else(missing)
}

/// A parameter that may be there.
pub(crate) fn optional(body: &Value, name: &str) -> Option<String> {
    body.get(name)?.as_str().map(str::to_owned)
}

/// `SecretString` or `SecretBinary`; both are an error, none is `None`.
pub(crate) fn content(body: &Value) -> Outcome<Option<Content>> {
    let text = optional(body, "SecretString");
    let binary = optional(body, "SecretBinary");
    let content = match (text, binary) {
        (Some(_), Some(_)) => {
            let message = "You can't specify both a binary secret value and a string secret value.";
            return Err(Refusal::parameter(message));
        }
        (Some(text), None) => Content::Text(text),
        (None, Some(base64)) => Content::Binary(base64),
        (None, None) => return Ok(None),
    };
    let length = match &content {
        Content::Text(text) => text.len(),
        Content::Binary(base64) => base64.len() / 4 * 3,
    };
    if length > MAX_CONTENT {
        let message = format!("Member must have length less than or equal to {MAX_CONTENT}.");
        return Err(Refusal::validation(message));
    }
    Ok(Some(content))
}

/// `ClientRequestToken`, which becomes the version's id.
pub(crate) fn request_token(body: &Value) -> Outcome<Option<String>> {
    match optional(body, "ClientRequestToken") {
        Some(token) if !(32..=64).contains(&token.len()) => {
            Err(Refusal::parameter("You provided a ClientRequestToken that is not between 32 and 64 characters long."))
        }
        token => Ok(token),
    }
}
