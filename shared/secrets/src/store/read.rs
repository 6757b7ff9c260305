//! One secret as it stands.

use aws_sdk_secretsmanager::types::SecretValueEntry;
use broker_core::clock::Clock;

use super::SecretsManagerStore;
use super::calls::CURRENT;
use crate::document::{Document, Reason};
use crate::error::{Failure, Kind};

/// The current version of one secret.
#[derive(Debug)]
pub(super) struct Record {
    /// The secret's full name.
    pub(super) name: String,
    /// The version's id.
    pub(super) version: String,
    text: Option<Document>,
}

/// What stands under a name.
#[derive(Debug)]
pub(super) enum Current {
    /// Nothing.
    Nothing,
    /// A secret that is scheduled for deletion.
    Retired,
    /// A secret.
    Live(Record),
}

impl Record {
    /// The document, if the secret holds text.
    pub(super) fn text(&self) -> Result<&str, Reason> {
        match &self.text {
            Some(text) => Ok(text.text()),
            None => Err("binary, expected text".into()),
        }
    }

    /// What a batch says about one secret, unless it is not about the current version: moto answers the version before.
    pub(super) fn of_batch(entry: SecretValueEntry) -> Result<Self, String> {
        let is_current = entry.version_stages().iter().any(|stage| stage == CURRENT);
        let name = entry.name.unwrap_or_default();
        match entry.version_id {
            Some(version) if is_current => Ok(Self { name, version, text: entry.secret_string.map(Document::new) }),
            _ => Err(name),
        }
    }
}

impl<C: Clock> SecretsManagerStore<C> {
    /// Reads one secret. The stage is named because moto, asked without, answers the version before; the service's
    /// quota of these calls is two orders of magnitude above the others', so they need no pace.
    pub(super) async fn current(&self, name: &str) -> Result<Current, Failure> {
        let call = self.client.get_secret_value().secret_id(name).version_stage(CURRENT);
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return absent(Failure::of("GetSecretValue", &error)),
        };
        let version = answer.version_id.ok_or_else(|| no_version("GetSecretValue"))?;
        Ok(Current::Live(Record { name: name.to_owned(), version, text: answer.secret_string.map(Document::new) }))
    }
}

/// `InvalidRequestException` on a read means that the secret is scheduled for deletion.
fn absent(failure: Failure) -> Result<Current, Failure> {
    match failure.kind {
        Kind::Absent => Ok(Current::Nothing),
        Kind::State => Ok(Current::Retired),
        _ => Err(failure),
    }
}

/// An answer without the one thing that a compare-and-swap needs.
fn no_version(operation: &'static str) -> Failure {
    Failure { operation, code: "NoVersionId".into(), kind: Kind::Refused }
}
