//! One secret.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{AwsError, AwsResult};
use super::versions::{Content, Version, Versions};

/// A secret and its metadata.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) versions: Versions,
    pub(crate) created: Timestamp,
    pub(crate) changed: Timestamp,
    /// The scheduled deletion, if there is one.
    pub(crate) deletion: Option<Deletion>,
}

/// A scheduled deletion.
#[derive(Clone, Copy)]
pub(crate) struct Deletion {
    /// When it was scheduled.
    pub(crate) scheduled: Timestamp,
    /// When the secret is removed.
    pub(crate) due: Timestamp,
}

impl Secret {
    /// The secret; an error if it is scheduled for deletion.
    pub(crate) fn not_deleted(&mut self) -> AwsResult<&mut Self> {
        match self.deletion {
            None => Ok(self),
            Some(_) => Err(AwsError::marked_for_deletion()),
        }
    }

    /// Whether `arn` is the secret's ARN, with or without the six random characters.
    pub(crate) fn has_arn(&self, arn: &str) -> bool {
        let partial = self.arn.rsplit_once('-').map(|(partial, _)| partial);
        self.arn == arn || partial == Some(arn)
    }

    /// ARN and name, which every response has.
    pub(crate) fn reference(&self) -> Value {
        json!({"ARN": self.arn, "Name": self.name})
    }

    /// The response to a write of the version `id`.
    pub(crate) fn written(&self, id: &str) -> Value {
        let mut body = self.reference();
        body["VersionId"] = json!(id);
        if let Some(version) = self.versions.by_id(id) {
            body["VersionStages"] = json!(version.stages);
        }
        body
    }

    /// A version with its value.
    pub(crate) fn value(&self, version: &Version) -> Value {
        let mut body = self.written(&version.id);
        body["CreatedDate"] = epoch(version.created);
        match &version.content {
            Content::Text(text) => body["SecretString"] = json!(text),
            Content::Binary(base64) => body["SecretBinary"] = json!(base64),
        }
        body
    }

    /// The metadata, with the labels of the versions in `versions_field`.
    pub(crate) fn metadata(&self, versions_field: &str) -> Value {
        let mut body = self.reference();
        body["CreatedDate"] = epoch(self.created);
        body["LastChangedDate"] = epoch(self.changed);
        body[versions_field] = self.versions.labelled();
        if let Some(description) = &self.description {
            body["Description"] = json!(description);
        }
        if !self.tags.is_empty() {
            body["Tags"] = self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        }
        if let Some(deletion) = self.deletion {
            body["DeletedDate"] = epoch(deletion.scheduled);
        }
        body
    }
}

/// A date in AWS JSON 1.1: seconds since the epoch, to the millisecond.
pub(crate) fn epoch(at: Timestamp) -> Value {
    json!(at.as_duration().as_millis_f64() / 1000.0)
}
