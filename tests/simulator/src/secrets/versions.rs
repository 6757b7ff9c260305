//! The versions of one secret and their staging labels.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::{AwsError, AwsResult};
use crate::clock::later;

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// The age below which a version is never removed.
const PRUNED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The value of a version.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    /// In base64, as received.
    Binary(String),
}

/// One version.
#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) content: Content,
    pub(crate) stages: BTreeSet<String>,
    pub(crate) created: Timestamp,
}

/// All versions of a secret, oldest first.
#[derive(Clone, Default)]
pub(crate) struct Versions(Vec<Version>);

impl Versions {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Version> {
        self.0.iter()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.id == id)
    }

    pub(crate) fn by_stage(&self, stage: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.stages.contains(stage))
    }

    /// Whether the same write has been made before; an error if the id is used for another value.
    pub(crate) fn is_repeated(&self, id: &str, content: &Content) -> AwsResult<bool> {
        match self.by_id(id) {
            None => Ok(false),
            Some(known) if known.content == *content => Ok(true),
            Some(_) => Err(AwsError::exists("A resource with the ID you requested already exists.")),
        }
    }

    /// Adds a version without labels. If the quota is full, old versions are removed first.
    pub(crate) fn add(&mut self, id: &str, content: Content, quota: usize, now: Timestamp) -> AwsResult<()> {
        self.prune(quota, now);
        if self.0.len() >= quota {
            let text = "You've exceeded the quota for the number of versions of this secret.";
            return Err(AwsError::new("LimitExceededException", text));
        }
        self.0.push(Version { id: id.to_owned(), content, stages: BTreeSet::new(), created: now });
        Ok(())
    }

    /// Removes the oldest versions without labels while the quota is full; none younger than [`PRUNED_AFTER`].
    fn prune(&mut self, quota: usize, now: Timestamp) {
        while self.0.len() >= quota {
            let removable = self
                .0
                .iter()
                .position(|version| version.stages.is_empty() && later(version.created, PRUNED_AFTER) <= now);
            let Some(index) = removable else {
                return;
            };
            self.0.remove(index);
        }
    }

    /// Moves the label `stage` to the version `id`. When `AWSCURRENT` moves, `AWSPREVIOUS` moves to the version that had it.
    pub(crate) fn label(&mut self, stage: &str, id: &str) {
        let from = self.by_stage(stage).map(|version| version.id.clone());
        if from.as_deref() == Some(id) {
            return;
        }
        self.unlabel(stage);
        self.put(stage, id);
        if let (CURRENT, Some(from)) = (stage, from) {
            self.unlabel(PREVIOUS);
            self.put(PREVIOUS, &from);
        }
    }

    pub(crate) fn unlabel(&mut self, stage: &str) {
        for version in &mut self.0 {
            version.stages.remove(stage);
        }
    }

    fn put(&mut self, stage: &str, id: &str) {
        if let Some(version) = self.0.iter_mut().find(|version| version.id == id) {
            version.stages.insert(stage.to_owned());
        }
    }

    /// `VersionIdsToStages`: the labels of each version that has any.
    pub(crate) fn labelled(&self) -> Value {
        let labelled = self.0.iter().filter(|version| !version.stages.is_empty());
        let stages: BTreeMap<_, _> = labelled.map(|version| (&version.id, &version.stages)).collect();
        json!(stages)
    }
}
