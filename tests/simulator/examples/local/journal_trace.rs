//! Prints the calls between the parts of the system, from the journals of Webex and Secrets Manager.
//!
//! A journal does not know the caller. Only the refresher writes secrets and calls Webex, so the caller of those is known;
//! a read of a secret is printed only where the story knows its reader.

use jiff::Timestamp;
use serde_json::Value;
use simulator::Entry;
use simulator::secrets::Operation;
use simulator::webex::Endpoint;

use crate::demo::{Demo, short};
use crate::terminal::Message;

/// A position in both journals.
pub(crate) struct JournalMark {
    webex: u64,
    secrets: u64,
}

impl JournalMark {
    /// The current end of both journals.
    pub(crate) fn now(demo: &Demo) -> Self {
        let webex = demo.webex().journal().entries();
        let secrets = demo.secrets().journal().entries();
        Self { webex: next_number(&webex), secrets: next_number(&secrets) }
    }

    /// Prints all calls since the mark in their order. Reads are printed as those of `reader`, if there is one.
    pub(crate) fn print(&self, demo: &Demo, reader: Option<&'static str>) {
        let mut messages: Vec<(Timestamp, Message)> = Vec::new();
        for entry in self.webex_entries(demo) {
            messages.push((entry.at, webex_message(demo, &entry)));
        }
        for entry in self.secrets_entries(demo) {
            let caller = if entry.operation.is_write() { Some("refresher") } else { reader };
            if let Some(caller) = caller {
                messages.push((entry.at, self.secrets_message(demo, caller, &entry)));
            }
        }
        messages.sort_by_key(|(at, _)| *at);
        for (_, message) in messages {
            demo.terminal.message(&message);
        }
    }

    /// The number of calls to Secrets Manager since the mark.
    pub(crate) fn secrets_calls(&self, demo: &Demo) -> usize {
        self.secrets_entries(demo).len()
    }

    /// The number of writes to Secrets Manager since the mark.
    pub(crate) fn secrets_writes(&self, demo: &Demo) -> usize {
        let entries = self.secrets_entries(demo);
        entries.iter().filter(|entry| entry.operation.is_write()).count()
    }

    /// The number of requests to an endpoint of Webex since the mark.
    pub(crate) fn webex_calls(&self, demo: &Demo, endpoint: Endpoint) -> usize {
        let entries = self.webex_entries(demo);
        entries.iter().filter(|entry| entry.operation == endpoint).count()
    }

    fn webex_entries(&self, demo: &Demo) -> Vec<Entry<Endpoint>> {
        let journal = demo.webex().journal();
        journal.select(|entry| entry.number >= self.webex)
    }

    fn secrets_entries(&self, demo: &Demo) -> Vec<Entry<Operation>> {
        let journal = demo.secrets().journal();
        journal.select(|entry| entry.number >= self.secrets)
    }

    fn secrets_message(&self, demo: &Demo, from: &'static str, entry: &Entry<Operation>) -> Message {
        let name = entry.field("SecretId").or_else(|| entry.field("Name")).unwrap_or_default();
        let request = format!("{:?} {}", entry.operation, demo.with_names(name));
        Message { from, to: "Secrets Manager", request, result: self.secrets_result(demo, name, entry) }
    }

    fn secrets_result(&self, demo: &Demo, name: &str, entry: &Entry<Operation>) -> String {
        match entry.status {
            Some(200) => {}
            Some(status) => return status.to_string(),
            None => return "no answer".to_owned(),
        }
        let field = |name| entry.field(name).unwrap_or_default();
        match entry.operation {
            Operation::PutSecretValue if !self.becomes_current(demo, field("ClientRequestToken")) => {
                "a test that the store accepts writes".to_owned()
            }
            Operation::CreateSecret | Operation::PutSecretValue => {
                written_version(demo, name, field("ClientRequestToken"))
            }
            Operation::UpdateSecretVersionStage => {
                format!("{} replaces {}", short(field("MoveToVersionId")), short(field("RemoveFromVersionId")))
            }
            Operation::DeleteSecret => "scheduled for deletion in 7 days".to_owned(),
            _ => String::new(),
        }
    }

    /// Whether a version written under a private label became the current one later.
    fn becomes_current(&self, demo: &Demo, version: &str) -> bool {
        let entries = self.secrets_entries(demo);
        entries.iter().any(|entry| entry.field("MoveToVersionId") == Some(version))
    }
}

fn next_number<Op>(entries: &[Entry<Op>]) -> u64 {
    match entries.last() {
        Some(entry) => entry.number + 1,
        None => 0,
    }
}

fn webex_message(demo: &Demo, entry: &Entry<Endpoint>) -> Message {
    let field = |name| entry.field(name).unwrap_or("?");
    let path = demo.with_names(entry.path.trim_start_matches("/v1"));
    let detail = match entry.operation {
        Endpoint::Mint => format!("for {}", demo.with_names(field("org"))),
        Endpoint::Refresh => "with the refresh token".to_owned(),
        Endpoint::Exchange => "with the code".to_owned(),
        Endpoint::CreateWebhook => field("name").replace("webex-token-broker", "for"),
        _ => String::new(),
    };
    let result = match entry.status {
        Some(status) => status.to_string(),
        None => "no answer".to_owned(),
    };
    Message { from: "refresher", to: "Webex", request: format!("{} {path} {detail}", entry.method), result }
}

/// The state of the grant in a version, and the version's id.
fn written_version(demo: &Demo, name: &str, version: &str) -> String {
    let text = demo.secrets().version_text(name, version).unwrap_or_default();
    let grant: Value = serde_json::from_str(&text).unwrap_or_default();
    let state = grant["state"].as_str().unwrap_or("stored");
    format!("{state}, version {}", short(version))
}
