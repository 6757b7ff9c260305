//! `UpdateSecretVersionStage`: the compare-and-swap of Secrets Manager.

use jiff::Timestamp;
use serde_json::Value;

use super::error::{AwsError, AwsResult};
use super::store::{Store, optional, required};
use super::versions::CURRENT;

pub(crate) fn update(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let stage = required(body, "VersionStage")?;
    let from = optional(body, "RemoveFromVersionId");
    let to = optional(body, "MoveToVersionId");
    let secret = store.find(&required(body, "SecretId")?)?.not_deleted()?;
    let holder = secret.versions.by_stage(&stage);
    let holder = holder.map(|version| version.id.clone());
    check_move(&stage, holder.as_deref(), from.as_deref(), to.as_deref())?;
    match to {
        Some(to) if secret.versions.by_id(&to).is_none() => {
            let message = format!("Secrets Manager can't find the secret version {to}.");
            return Err(AwsError::not_found_as(message));
        }
        Some(to) => secret.versions.label(&stage, &to),
        None => secret.versions.unlabel(&stage),
    }
    secret.changed = now;
    Ok(secret.reference())
}

/// A label that another version holds moves only if the request names that version.
fn check_move(stage: &str, holder: Option<&str>, from: Option<&str>, to: Option<&str>) -> AwsResult<()> {
    if to.is_none() && stage == CURRENT {
        let message = "You can only move staging label AWSCURRENT to a different secret version. It \
                       can't be completely removed.";
        return Err(AwsError::parameter(message));
    }
    match (holder, from) {
        (None, Some(_)) => Err(AwsError::parameter(format!(
            "Staging label {stage} is not attached to the version in RemoveFromVersionId."
        ))),
        (Some(holder), None) if to == Some(holder) => Ok(()),
        (Some(holder), from) if from != Some(holder) => Err(AwsError::parameter(format!(
            "Staging label {stage} is currently attached to version {holder}, so you must \
             explicitly reference that version in RemoveFromVersionId."
        ))),
        _ => Ok(()),
    }
}
