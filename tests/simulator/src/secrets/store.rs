//! All secrets, and the parameters that operations share.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Builder;

use super::error::{AwsError, AwsResult};
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
    /// The earliest time at which a scheduled deletion is due.
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

    /// A new ARN. It ends in six random characters, so that a secret created again under the same name has another ARN.
    pub(crate) fn arn(&mut self, name: &str) -> String {
        let suffix: String = (0..6).map(|_| self.rng.alphanumeric()).collect();
        format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-{suffix}")
    }

    /// Schedules a secret for deletion.
    pub(crate) fn schedule_deletion(&mut self, secret_id: &str, deletion: Deletion) -> AwsResult<&Secret> {
        self.earliest_due = self.earliest_due.min(deletion.due);
        let secret = self.find(secret_id)?.not_deleted()?;
        secret.deletion = Some(deletion);
        secret.changed = deletion.scheduled;
        Ok(secret)
    }

    /// Removes the secrets whose recovery window has ended.
    pub(crate) fn remove_expired(&mut self, now: Timestamp) {
        if now < self.earliest_due {
            return;
        }
        self.secrets.retain(|_, secret| match secret.deletion {
            Some(deletion) => deletion.due > now,
            None => true,
        });
        let deletions = self.secrets.values().filter_map(|secret| secret.deletion);
        self.earliest_due = deletions.map(|deletion| deletion.due).min().unwrap_or(Timestamp::MAX);
    }

    /// The secret that a `SecretId` names: by its name, its ARN, or its ARN without the six random characters.
    pub(crate) fn find(&mut self, secret_id: &str) -> AwsResult<&mut Secret> {
        let found = if secret_id.starts_with("arn:") {
            let mut secrets = self.secrets.values_mut();
            secrets.find(|secret| secret.has_arn(secret_id))
        } else {
            self.secrets.get_mut(secret_id)
        };
        found.ok_or_else(AwsError::not_found)
    }
}

/// A required text parameter.
pub(crate) fn required(body: &Value, name: &str) -> AwsResult<String> {
    match optional(body, name) {
        Some(text) => Ok(text),
        None => Err(AwsError::validation(format!("{name} must not be null."))),
    }
}

/// An optional text parameter.
pub(crate) fn optional(body: &Value, name: &str) -> Option<String> {
    body.get(name)?.as_str().map(str::to_owned)
}

/// The value in `SecretString` or `SecretBinary`; an error if the request has both.
pub(crate) fn content(body: &Value) -> AwsResult<Option<Content>> {
    let text = optional(body, "SecretString");
    let binary = optional(body, "SecretBinary");
    let content = match (text, binary) {
        (Some(_), Some(_)) => {
            let message = "You can't specify both a binary secret value and a string secret value.";
            return Err(AwsError::parameter(message));
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
        return Err(AwsError::validation(message));
    }
    Ok(Some(content))
}

/// The `ClientRequestToken`, which becomes the id of the version.
pub(crate) fn request_token(body: &Value) -> AwsResult<Option<String>> {
    match optional(body, "ClientRequestToken") {
        Some(token) if !(32..=64).contains(&token.len()) => {
            Err(AwsError::parameter("You provided a ClientRequestToken that is not between 32 and 64 characters long."))
        }
        token => Ok(token),
    }
}
