//! `DescribeSecret`, `DeleteSecret`, `RestoreSecret` and `TagResource`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::refusal::{Outcome, Refusal};
use super::secret::{Deletion, epoch};
use super::store::{Store, required};
use crate::clock::later;

/// Tags that one secret may have.
const MAX_TAGS: usize = 50;

/// Works on what is marked for deletion, too.
pub(crate) fn describe(store: &mut Store, body: &Value) -> Outcome<Value> {
    let secret = store.find(&required(body, "SecretId")?)?;
    Ok(secret.metadata("VersionIdsToStages"))
}

pub(crate) fn delete(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let secret_id = required(body, "SecretId")?;
    let window = body.get("RecoveryWindowInDays").and_then(Value::as_i64);
    match (body["ForceDeleteWithoutRecovery"] == true, window) {
        (true, Some(_)) => Err(Refusal::parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )),
        (true, None) => Ok(delete_now(store, &secret_id, now)),
        (false, Some(days)) if !(7..=30).contains(&days) => {
            Err(Refusal::parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."))
        }
        (false, days) => schedule(store, &secret_id, days.unwrap_or(30), now),
    }
}

/// Succeeds even if there is no such secret.
fn delete_now(store: &mut Store, secret_id: &str, now: Timestamp) -> Value {
    let mut answer = json!({"ARN": secret_id, "Name": secret_id});
    if let Ok(secret) = store.find(secret_id) {
        answer = secret.reference();
        let name = secret.name.clone();
        store.secrets.remove(&name);
    }
    answer["DeletionDate"] = epoch(now);
    answer
}

fn schedule(store: &mut Store, secret_id: &str, days: i64, now: Timestamp) -> Outcome<Value> {
    let due = later(now, SignedDuration::from_hours(24 * days));
    let deletion = Deletion { marked: now, due };
    let mut answer = store.condemn(secret_id, deletion)?.reference();
    answer["DeletionDate"] = epoch(due);
    Ok(answer)
}

pub(crate) fn restore(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let secret = store.find(&required(body, "SecretId")?)?;
    secret.deletion = None;
    secret.changed = now;
    Ok(secret.reference())
}

pub(crate) fn tag(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let tags = tags(body)?;
    let secret = store.find(&required(body, "SecretId")?)?.usable()?;
    secret.tags.extend(tags);
    secret.changed = now;
    Ok(json!({}))
}

/// The parameter `Tags`.
pub(crate) fn tags(body: &Value) -> Outcome<BTreeMap<String, String>> {
    let given = body.get("Tags").and_then(Value::as_array);
    let given = given.map(Vec::as_slice).unwrap_or_default();
    if given.len() > MAX_TAGS {
        return Err(Refusal::parameter("A secret can have at most 50 tags."));
    }
    let pair = |tag: &Value| {
        let value = tag["Value"].as_str().unwrap_or_default();
        Some((tag["Key"].as_str()?.to_owned(), value.to_owned()))
    };
    Ok(given.iter().filter_map(pair).collect())
}
