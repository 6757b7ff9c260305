//! Who called whom, from the journals of the two stand-ins.
//!
//! Only the refresher writes secrets and speaks with Webex, so a journal that does not know its callers says it all;
//! reads are told only where the story knows whose they are.

use jiff::Timestamp;
use simulator::Entry;
use simulator::secrets::Operation;
use simulator::webex::Endpoint;

use crate::screen::Hop;
use crate::stage::{PREFIX, Stage, short};

/// A moment in both journals.
pub(crate) struct Mark {
    webex: u64,
    secrets: u64,
}

impl Mark {
    /// What comes after is new.
    pub(crate) fn now(stage: &Stage) -> Self {
        let webex = stage.simulator.webex.journal().entries();
        let secrets = stage.simulator.secrets.journal().entries();
        Self {
            webex: webex.last().map_or(0, |entry| entry.number + 1),
            secrets: secrets.last().map_or(0, |entry| entry.number + 1),
        }
    }

    /// Prints what has happened since, in order; the reads as those of `reader`, if one is named.
    pub(crate) fn tell(&self, stage: &Stage, reader: Option<&str>) {
        let webex = stage.simulator.webex.journal();
        let webex = webex.select(|entry| entry.number >= self.webex);
        let mut hops: Vec<(Timestamp, Hop)> = webex.iter().map(|entry| (entry.at, to_webex(stage, entry))).collect();
        for entry in self.secrets(stage) {
            match reader {
                _ if entry.operation.is_write() => hops.push((entry.at, to_store(stage, "refresher", &entry))),
                Some(reader) => hops.push((entry.at, to_store(stage, reader, &entry))),
                None => {}
            }
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
        let journal = stage.simulator.webex.journal();
        journal
            .select(|entry| entry.number >= self.webex && entry.operation == endpoint)
            .len()
    }

    fn secrets(&self, stage: &Stage) -> Vec<Entry<Operation>> {
        stage
            .simulator
            .secrets
            .journal()
            .select(|entry| entry.number >= self.secrets)
    }
}

fn to_webex(stage: &Stage, entry: &Entry<Endpoint>) -> Hop {
    let path = stage.in_words(&entry.path);
    let path = path.trim_start_matches("/v1");
    let about = match entry.operation {
        Endpoint::Mint => format!("for {}", stage.in_words(entry.field("org").unwrap_or("?"))),
        Endpoint::Refresh => "with a refresh token".to_owned(),
        Endpoint::CreateWebhook => entry.field("name").unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let status = entry
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    Hop::new("refresher", "Webex", format!("{} {path} {about}", entry.method), status)
}

fn to_store(stage: &Stage, who: &str, entry: &Entry<Operation>) -> Hop {
    let field = |name| entry.field(name).unwrap_or_default();
    let name = match field("SecretId") {
        "" => field("Name"),
        id => id,
    };
    let outcome = match entry.operation {
        _ if entry.status != Some(200) => entry.status.map_or_else(String::new, |status| format!("{status}")),
        Operation::CreateSecret | Operation::PutSecretValue => written(stage, name, field("ClientRequestToken")),
        Operation::UpdateSecretVersionStage => {
            format!(
                "{} replaces {}",
                short(field("MoveToVersionId")),
                short(field("RemoveFromVersionId"))
            )
        }
        Operation::DeleteSecret => "will be gone in 7 days".to_owned(),
        _ => String::new(),
    };
    let what = format!("{:?} {}", entry.operation, stage.in_words(name));
    Hop::new(who, "Secrets Manager", what, outcome)
}

/// What a version says of the grant's state, and its id.
fn written(stage: &Stage, name: &str, version: &str) -> String {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    let text = stage
        .simulator
        .secrets
        .version_text(&format!("{PREFIX}{name}"), version);
    let value: serde_json::Value = text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let state = value["state"].as_str().unwrap_or("stored");
    format!("{state}, version {}", short(version))
}
