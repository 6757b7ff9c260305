//! `ListSecrets`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::paging::page;
use super::refusal::Outcome;
use super::store::Store;

/// The most that one page holds.
const PAGE: usize = 100;

pub(crate) fn list(store: &Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let planned_deletion = body["IncludePlannedDeletion"] == true;
    let page = page(store, body, PAGE, planned_deletion, now)?;
    let secrets = page.secrets.iter();
    let secrets: Vec<Value> = secrets.map(|secret| secret.metadata("SecretVersionsToStages")).collect();
    Ok(page.close(json!({"SecretList": secrets})))
}
