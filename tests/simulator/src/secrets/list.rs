//! `ListSecrets`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::AwsResult;
use super::paging::page;
use super::store::Store;

/// The largest number of secrets in a page.
const PAGE: usize = 100;

pub(crate) fn list(store: &Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let planned_deletion = body["IncludePlannedDeletion"] == true;
    let page = page(store, body, PAGE, planned_deletion, now)?;
    let secrets = page.secrets.iter();
    let secrets: Vec<Value> = secrets.map(|secret| secret.metadata("SecretVersionsToStages")).collect();
    Ok(page.with_next_token(json!({"SecretList": secrets})))
}
