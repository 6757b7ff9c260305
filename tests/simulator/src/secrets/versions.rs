//! The versions of one secret and the labels on them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::refusal::{Outcome, Refusal};
use crate::clock::later;

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// Versions younger than this are never pruned.
const PRUNED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The content of a version.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    /// In base64, as it came.
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

    /// The version's id, if this very write has been made before.
    pub(crate) fn repeated(&self, id: &str, content: &Content) -> Outcome<bool> {
        match self.by_id(id) {
            None => Ok(false),
            Some(known) if known.content == *content => Ok(true),
            Some(_) => Err(Refusal::exists("A resource with the ID you requested already exists.")),
        }
    }

    /// Adds a version without labels, making room by pruning if there is none.
    pub(crate) fn add(&mut self, id: &str, content: Content, quota: usize, now: Timestamp) -> Outcome<()> {
        self.prune(quota, now);
        if self.0.len() >= quota {
            let text = "You've exceeded the quota for the number of versions of this secret.";
            return Err(Refusal::new("LimitExceededException", text));
        }
        self.0.push(Version { id: id.to_owned(), content, stages: BTreeSet::new(), created: now });
        Ok(())
    }

    /// Drops the oldest deprecated versions of more than a day while there are too many.
    fn prune(&mut self, quota: usize, now: Timestamp) {
        let old = |version: &Version| version.stages.is_empty() && later(version.created, PRUNED_AFTER) <= now;
        while self.0.len() >= quota {
            let Some(index) = self.0.iter().position(old) else {
                return;
            };
            self.0.remove(index);
        }
    }

    /// Puts `stage` on the version `id` alone. `AWSPREVIOUS` follows `AWSCURRENT` about.
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

    /// `VersionIdsToStages`: the versions that have labels.
    pub(crate) fn labelled(&self) -> Value {
        let labelled = self.0.iter().filter(|version| !version.stages.is_empty());
        let stages: BTreeMap<_, _> = labelled.map(|version| (&version.id, &version.stages)).collect();
        json!(stages)
    }
}
