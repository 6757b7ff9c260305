//! `DescribeSecret`, `DeleteSecret`, `RestoreSecret` and `TagResource`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::{AwsError, AwsResult};
use super::secret::{Deletion, epoch};
use super::store::{Store, required};
use crate::clock::later;

/// The number of tags that a secret may have.
const MAX_TAGS: usize = 50;

/// Works on secrets that are scheduled for deletion, too.
pub(crate) fn describe(store: &mut Store, body: &Value) -> AwsResult<Value> {
    let secret = store.find(&required(body, "SecretId")?)?;
    Ok(secret.metadata("VersionIdsToStages"))
}

pub(crate) fn delete(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let secret_id = required(body, "SecretId")?;
    let window = body.get("RecoveryWindowInDays").and_then(Value::as_i64);
    match (body["ForceDeleteWithoutRecovery"] == true, window) {
        (true, Some(_)) => Err(AwsError::parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )),
        (true, None) => Ok(delete_now(store, &secret_id, now)),
        (false, Some(days)) if !(7..=30).contains(&days) => {
            Err(AwsError::parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."))
        }
        (false, days) => schedule(store, &secret_id, days.unwrap_or(30), now),
    }
}

/// Succeeds even if the secret does not exist, as in AWS.
fn delete_now(store: &mut Store, secret_id: &str, now: Timestamp) -> Value {
    let mut body = json!({"ARN": secret_id, "Name": secret_id});
    if let Ok(secret) = store.find(secret_id) {
        body = secret.reference();
        let name = secret.name.clone();
        store.secrets.remove(&name);
    }
    body["DeletionDate"] = epoch(now);
    body
}

fn schedule(store: &mut Store, secret_id: &str, days: i64, now: Timestamp) -> AwsResult<Value> {
    let due = later(now, SignedDuration::from_hours(24 * days));
    let deletion = Deletion { scheduled: now, due };
    let mut body = store.schedule_deletion(secret_id, deletion)?.reference();
    body["DeletionDate"] = epoch(due);
    Ok(body)
}

pub(crate) fn restore(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let secret = store.find(&required(body, "SecretId")?)?;
    secret.deletion = None;
    secret.changed = now;
    Ok(secret.reference())
}

pub(crate) fn tag(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let tags = tags(body)?;
    let secret = store.find(&required(body, "SecretId")?)?.not_deleted()?;
    secret.tags.extend(tags);
    secret.changed = now;
    Ok(json!({}))
}

/// The parameter `Tags`.
pub(crate) fn tags(body: &Value) -> AwsResult<BTreeMap<String, String>> {
    let given = body.get("Tags").and_then(Value::as_array);
    let given = given.map(Vec::as_slice).unwrap_or_default();
    if given.len() > MAX_TAGS {
        return Err(AwsError::parameter("A secret can have at most 50 tags."));
    }
    let mut tags = BTreeMap::new();
    for tag in given {
        if let Some(key) = tag["Key"].as_str() {
            tags.insert(key.to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned());
        }
    }
    Ok(tags)
}
