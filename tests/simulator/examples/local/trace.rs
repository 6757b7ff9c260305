//! Who called whom, from the journals of the two stand-ins.
//!
//! Only the refresher writes secrets and speaks with Webex, so journals that do not know their callers say it all; reads
//! are told only where the story knows whose they are.

use jiff::Timestamp;
use serde_json::Value;
use simulator::Entry;
use simulator::secrets::Operation;
use simulator::webex::Endpoint;

use crate::screen::Hop;
use crate::stage::{Stage, short};

/// A moment in both journals.
pub(crate) struct Mark {
    webex: u64,
    secrets: u64,
}

impl Mark {
    /// What comes after is new.
    pub(crate) fn now(stage: &Stage) -> Self {
        let webex = stage.webex().journal().entries();
        let secrets = stage.secrets().journal().entries();
        Self {
            webex: webex.last().map_or(0, |entry| entry.number + 1),
            secrets: secrets.last().map_or(0, |entry| entry.number + 1),
        }
    }

    /// Prints what has happened since, in order; the reads as those of `reader`, if one is named.
    pub(crate) fn tell(&self, stage: &Stage, reader: Option<&'static str>) {
        let mut hops: Vec<(Timestamp, Hop)> = Vec::new();
        for entry in self.webex(stage) {
            hops.push((entry.at, to_webex(stage, &entry)));
        }
        for entry in self.secrets(stage) {
            let who = if entry.operation.is_write() { Some("refresher") } else { reader };
            hops.extend(who.map(|who| (entry.at, self.to_store(stage, who, &entry))));
        }
        hops.sort_by_key(|(at, _)| *at);
        for (_, hop) in hops {
            stage.screen.hop(&hop);
        }
    }

    /// How many calls Secrets Manager has had since.
    pub(crate) fn calls_to_store(&self, stage: &Stage) -> usize {
        self.secrets(stage).len()
    }

    /// How many writes Secrets Manager has had since.
    pub(crate) fn writes(&self, stage: &Stage) -> usize {
        let entries = self.secrets(stage);
        entries.iter().filter(|entry| entry.operation.is_write()).count()
    }

    /// How often Webex has been asked this since.
    pub(crate) fn asked(&self, stage: &Stage, endpoint: Endpoint) -> usize {
        let entries = self.webex(stage);
        entries.iter().filter(|entry| entry.operation == endpoint).count()
    }

    fn webex(&self, stage: &Stage) -> Vec<Entry<Endpoint>> {
        let journal = stage.webex().journal();
        journal.select(|entry| entry.number >= self.webex)
    }

    fn secrets(&self, stage: &Stage) -> Vec<Entry<Operation>> {
        let journal = stage.secrets().journal();
        journal.select(|entry| entry.number >= self.secrets)
    }

    fn to_store(&self, stage: &Stage, who: &'static str, entry: &Entry<Operation>) -> Hop {
        let field = |name| entry.field(name).unwrap_or_default();
        let name = entry.field("SecretId").or_else(|| entry.field("Name")).unwrap_or_default();
        let outcome = match entry.operation {
            _ if entry.status != Some(200) => entry.status.map_or_else(String::new, |status| status.to_string()),
            Operation::PutSecretValue if !self.becomes_current(stage, field("ClientRequestToken")) => {
                "a trial: does the store take writes?".to_owned()
            }
            Operation::CreateSecret | Operation::PutSecretValue => written(stage, name, field("ClientRequestToken")),
            Operation::UpdateSecretVersionStage => {
                let (new, old) = (short(field("MoveToVersionId")), short(field("RemoveFromVersionId")));
                format!("{new} replaces {old}")
            }
            Operation::DeleteSecret => "will be gone in 7 days".to_owned(),
            _ => String::new(),
        };
        Hop {
            from: who,
            to: "Secrets Manager",
            what: format!("{:?} {}", entry.operation, stage.in_words(name)),
            outcome,
        }
    }

    /// Whether a version that was put under a private label was made the current one later.
    fn becomes_current(&self, stage: &Stage, version: &str) -> bool {
        let entries = self.secrets(stage);
        entries.iter().any(|entry| entry.field("MoveToVersionId") == Some(version))
    }
}

fn to_webex(stage: &Stage, entry: &Entry<Endpoint>) -> Hop {
    let field = |name| entry.field(name).unwrap_or("?");
    let path = stage.in_words(entry.path.trim_start_matches("/v1"));
    let about = match entry.operation {
        Endpoint::Mint => format!("for {}", stage.in_words(field("org"))),
        Endpoint::Refresh => "with the refresh token".to_owned(),
        Endpoint::Exchange => "with the code".to_owned(),
        Endpoint::CreateWebhook => field("name").replace("webex-token-broker", "for"),
        _ => String::new(),
    };
    Hop {
        from: "refresher",
        to: "Webex",
        what: format!("{} {path} {about}", entry.method),
        outcome: entry.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
    }
}

/// What a version says of the grant's state, and its id.
fn written(stage: &Stage, name: &str, version: &str) -> String {
    let text = stage.secrets().version_text(name, version).unwrap_or_default();
    let grant: Value = serde_json::from_str(&text).unwrap_or_default();
    let standing = grant["state"].as_str().unwrap_or("stored");
    format!("{standing}, version {}", short(version))
}
