//! Reads of one secret.

use aws_sdk_secretsmanager::types::SecretValueEntry;
use broker_core::clock::Clock;
use broker_core::port::Found;

use super::SecretsManagerStore;
use super::calls::CURRENT;
use crate::document::{Defect, SecretText};
use crate::error::{CallError, CallErrorKind};

/// One version of a secret, as it was read.
#[derive(Debug)]
pub(super) struct SecretVersion {
    /// The secret's full name.
    pub(super) name: String,
    /// The version's id.
    pub(super) version: String,
    text: Option<SecretText>,
}

impl SecretVersion {
    /// The document. An error if the secret is binary.
    pub(super) fn text(&self) -> Result<&str, Defect> {
        match &self.text {
            Some(text) => Ok(text.as_str()),
            None => Err("binary, expected text".into()),
        }
    }

    /// One secret of a batch. The error is its name if the batch holds another version than the current one: moto
    /// returns the version before.
    pub(super) fn from_batch(entry: SecretValueEntry) -> Result<Self, String> {
        let is_current = entry.version_stages().iter().any(|stage| stage == CURRENT);
        let name = entry.name.unwrap_or_default();
        match entry.version_id {
            Some(version) if is_current => Ok(Self { name, version, text: entry.secret_string.map(SecretText::new) }),
            _ => Err(name),
        }
    }
}

impl<C: Clock> SecretsManagerStore<C> {
    /// `GetSecretValue` of the current version.
    pub(super) async fn current(&self, name: &str) -> Result<Found<SecretVersion>, CallError> {
        self.version_at(name, CURRENT).await
    }

    /// `GetSecretValue` of the version with the label `stage`. The label is always sent, because moto otherwise returns
    /// the version before the current one. The quota of these calls is two orders of magnitude above the others', so
    /// they take no slot of a rate limit.
    pub(super) async fn version_at(&self, name: &str, stage: &str) -> Result<Found<SecretVersion>, CallError> {
        let call = self.client.get_secret_value().secret_id(name).version_stage(stage);
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return absent_or_retired(CallError::new("GetSecretValue", &error)),
        };
        let Some(version) = answer.version_id else {
            return Err(missing_version_id());
        };
        let text = answer.secret_string.map(SecretText::new);
        Ok(Found::Live(Box::new(SecretVersion { name: name.to_owned(), version, text })))
    }
}

/// `InvalidRequestException` on a read means that the secret is scheduled for deletion.
fn absent_or_retired(error: CallError) -> Result<Found<SecretVersion>, CallError> {
    match error.kind {
        CallErrorKind::Absent => Ok(Found::Absent),
        CallErrorKind::State => Ok(Found::Retired),
        _ => Err(error),
    }
}

/// An answer without the id that a compare-and-swap needs.
fn missing_version_id() -> CallError {
    CallError {
        operation: "GetSecretValue",
        code: "NoVersionId".into(),
        kind: CallErrorKind::Refused,
        is_repeated: false,
    }
}
