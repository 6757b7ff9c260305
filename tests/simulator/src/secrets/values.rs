//! `CreateSecret`, `PutSecretValue`, `UpdateSecret` and `GetSecretValue`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{AwsError, AwsResult};
use super::lifecycle::tags;
use super::secret::Secret;
use super::store::{Store, content, optional, request_token, required};
use super::versions::{CURRENT, Content, Version, Versions};

/// The number of labels that a version may have.
const MAX_STAGES: usize = 20;

pub(crate) fn create(store: &mut Store, parameters: &Value, now: Timestamp) -> AwsResult<Value> {
    let name = valid_name(required(parameters, "Name")?)?;
    let id = version_id(store, parameters)?;
    let content = content(parameters)?;
    if let Some(known) = store.secrets.get(&name) {
        return recreated(known, &id, content.as_ref());
    }
    let mut secret = Secret {
        arn: store.arn(&name),
        name: name.clone(),
        description: optional(parameters, "Description"),
        tags: tags(parameters)?,
        versions: Versions::default(),
        created: now,
        changed: now,
        deletion: None,
    };
    let mut body = secret.reference();
    if let Some(content) = content {
        secret.versions.add(&id, content, store.version_quota, now)?;
        secret.versions.label(CURRENT, &id);
        body["VersionId"] = json!(id);
    }
    store.secrets.insert(name, secret);
    Ok(body)
}

/// Creates a secret that exists: this succeeds if it repeats the same request, and fails otherwise.
fn recreated(known: &Secret, id: &str, content: Option<&Content>) -> AwsResult<Value> {
    if known.deletion.is_some() {
        let message = "You can't create this secret because a secret with this name is already \
                       scheduled for deletion.";
        return Err(AwsError::request(message));
    }
    if let Some(version) = known.versions.by_id(id)
        && Some(&version.content) == content
    {
        return Ok(known.written(id));
    }
    let message = format!("The operation failed because the secret {} already exists.", known.name);
    Err(AwsError::exists(&message))
}

pub(crate) fn put(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let Some(content) = content(body)? else {
        let message = "You must provide either SecretString or SecretBinary.";
        return Err(AwsError::parameter(message));
    };
    let stages = stages(body)?;
    let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
    write(store, body, content, &stages, now)
}

pub(crate) fn update(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let content = content(body)?;
    let secret = store.find(&required(body, "SecretId")?)?.not_deleted()?;
    if let Some(description) = optional(body, "Description") {
        secret.description = Some(description);
        secret.changed = now;
    }
    let reference = secret.reference();
    match content {
        Some(content) => write(store, body, content, &[CURRENT], now),
        None => Ok(reference),
    }
}

/// Adds a version, unless the request repeats an earlier one.
fn write(store: &mut Store, body: &Value, content: Content, stages: &[&str], now: Timestamp) -> AwsResult<Value> {
    let id = version_id(store, body)?;
    let quota = store.version_quota;
    let secret = store.find(&required(body, "SecretId")?)?.not_deleted()?;
    if secret.versions.is_repeated(&id, &content)? {
        return Ok(secret.written(&id));
    }
    let first = secret.versions.by_stage(CURRENT).is_none();
    secret.versions.add(&id, content, quota, now)?;
    for stage in stages {
        secret.versions.label(stage, &id);
    }
    if first {
        secret.versions.label(CURRENT, &id);
    }
    secret.changed = now;
    Ok(secret.written(&id))
}

pub(crate) fn get(store: &mut Store, body: &Value) -> AwsResult<Value> {
    let secret = store.find(&required(body, "SecretId")?)?.not_deleted()?;
    let id = optional(body, "VersionId");
    let stage = optional(body, "VersionStage");
    let version = find_version(secret, id.as_deref(), stage.as_deref())?;
    Ok(secret.value(version))
}

/// The version with this id, or this label, or `AWSCURRENT`. If both id and label are given, the version must have both.
pub(crate) fn find_version<'s>(secret: &'s Secret, id: Option<&str>, stage: Option<&str>) -> AwsResult<&'s Version> {
    let Some(id) = id else {
        let stage = stage.unwrap_or(CURRENT);
        return secret.versions.by_stage(stage).ok_or_else(|| {
            AwsError::not_found_as(format!(
                "Secrets Manager can't find the specified secret value for staging label: {stage}"
            ))
        });
    };
    match (secret.versions.by_id(id), stage) {
        (Some(version), None) => Ok(version),
        (Some(version), Some(stage)) if version.stages.contains(stage) => Ok(version),
        _ => Err(AwsError::not_found_as(format!(
            "Secrets Manager can't find the specified secret value for VersionId: {id}"
        ))),
    }
}

fn version_id(store: &mut Store, body: &Value) -> AwsResult<String> {
    Ok(request_token(body)?.unwrap_or_else(|| store.uuid()))
}

fn stages(body: &Value) -> AwsResult<Vec<String>> {
    let Some(given) = body.get("VersionStages").and_then(Value::as_array) else {
        return Ok(vec![CURRENT.to_owned()]);
    };
    let stages: Vec<String> = given.iter().filter_map(|stage| stage.as_str().map(str::to_owned)).collect();
    let lengths_are_valid = stages.iter().all(|stage| (1..=256).contains(&stage.len()));
    if (1..=MAX_STAGES).contains(&stages.len()) && lengths_are_valid {
        return Ok(stages);
    }
    Err(AwsError::validation("VersionStages must be 1 to 20 labels of 1 to 256 characters."))
}

fn valid_name(name: String) -> AwsResult<String> {
    let is_valid = name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-!".contains(c));
    if (1..=512).contains(&name.len()) && is_valid {
        return Ok(name);
    }
    let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of \
                   the following: -/_+=.@!";
    Err(AwsError::validation(message))
}
