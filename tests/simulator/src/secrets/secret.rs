//! One secret.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::refusal::{Outcome, Refusal};
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
    /// When it was marked for deletion, and when it will be gone.
    pub(crate) deletion: Option<Deletion>,
}

/// A deletion that is coming.
#[derive(Clone, Copy)]
pub(crate) struct Deletion {
    pub(crate) marked: Timestamp,
    pub(crate) due: Timestamp,
}

impl Secret {
    /// The secret itself, unless it is marked for deletion.
    pub(crate) fn usable(&mut self) -> Outcome<&mut Self> {
        match self.deletion {
            None => Ok(self),
            Some(_) => Err(Refusal::marked_for_deletion()),
        }
    }

    /// Whether this is its ARN, with or without the six random characters.
    pub(crate) fn is_at(&self, arn: &str) -> bool {
        let partial = self.arn.rsplit_once('-').map(|(partial, _)| partial);
        self.arn == arn || partial == Some(arn)
    }

    /// ARN and name, which every answer starts with.
    pub(crate) fn reference(&self) -> Value {
        json!({"ARN": self.arn, "Name": self.name})
    }

    /// The answer to a write of the version `id`.
    pub(crate) fn written(&self, id: &str) -> Value {
        let mut body = self.reference();
        body["VersionId"] = json!(id);
        if let Some(version) = self.versions.by_id(id) {
            body["VersionStages"] = json!(version.stages);
        }
        body
    }

    /// A version with its content.
    pub(crate) fn value(&self, version: &Version) -> Value {
        let mut body = self.written(&version.id);
        body["CreatedDate"] = epoch(version.created);
        match &version.content {
            Content::Text(text) => body["SecretString"] = json!(text),
            Content::Binary(base64) => body["SecretBinary"] = json!(base64),
        }
        body
    }

    /// The metadata, the versions under `versions_field`.
    pub(crate) fn metadata(&self, versions_field: &str) -> Value {
        let mut body = self.reference();
        body["CreatedDate"] = epoch(self.created);
        body["LastChangedDate"] = epoch(self.changed);
        body[versions_field] = self.versions.labelled();
        if let Some(description) = &self.description {
            body["Description"] = json!(description);
        }
        if !self.tags.is_empty() {
            let tag = |(key, value): (&String, &String)| json!({"Key": key, "Value": value});
            body["Tags"] = self.tags.iter().map(tag).collect();
        }
        if let Some(deletion) = self.deletion {
            body["DeletedDate"] = epoch(deletion.marked);
        }
        body
    }
}

/// A date on the wire: seconds since the epoch, to the millisecond.
pub(crate) fn epoch(at: Timestamp) -> Value {
    json!(at.as_duration().as_millis_f64() / 1000.0)
}
