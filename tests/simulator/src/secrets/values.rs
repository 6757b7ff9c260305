//! `CreateSecret`, `PutSecretValue`, `UpdateSecret` and `GetSecretValue`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::lifecycle::tags;
use super::refusal::{Outcome, Refusal};
use super::secret::Secret;
use super::store::{Store, content, optional, request_token, required};
use super::versions::{CURRENT, Content, Version, Versions};

/// Labels that one version may have.
const MAX_STAGES: usize = 20;

pub(crate) fn create(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let name = valid_name(required(body, "Name")?)?;
    let id = version_id(store, body)?;
    let content = content(body)?;
    if let Some(known) = store.secrets.get(&name) {
        return recreated(known, &id, content.as_ref());
    }
    let mut secret = Secret {
        arn: store.arn(&name),
        name: name.clone(),
        description: optional(body, "Description"),
        tags: tags(body)?,
        versions: Versions::default(),
        created: now,
        changed: now,
        deletion: None,
    };
    let mut answer = secret.reference();
    if let Some(content) = content {
        secret.versions.add(&id, content, store.version_quota, now)?;
        secret.versions.label(CURRENT, &id);
        answer["VersionId"] = json!(id);
    }
    store.secrets.insert(name, secret);
    Ok(answer)
}

/// Creating again what is there: fine if it is the same request, an error otherwise.
fn recreated(known: &Secret, id: &str, content: Option<&Content>) -> Outcome<Value> {
    if known.deletion.is_some() {
        let message = "You can't create this secret because a secret with this name is already \
                       scheduled for deletion.";
        return Err(Refusal::request(message));
    }
    let same = known.versions.by_id(id);
    if same.is_some_and(|version| Some(&version.content) == content) {
        return Ok(known.written(id));
    }
    let message = format!("The operation failed because the secret {} already exists.", known.name);
    Err(Refusal::exists(&message))
}

pub(crate) fn put(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let Some(content) = content(body)? else {
        let message = "You must provide either SecretString or SecretBinary.";
        return Err(Refusal::parameter(message));
    };
    let stages = stages(body)?;
    let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
    write(store, body, content, &stages, now)
}

pub(crate) fn update(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let content = content(body)?;
    let secret = store.find(&required(body, "SecretId")?)?.usable()?;
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

/// Adds a version, or recognises a repeated request.
fn write(store: &mut Store, body: &Value, content: Content, stages: &[&str], now: Timestamp) -> Outcome<Value> {
    let id = version_id(store, body)?;
    let quota = store.version_quota;
    let secret = store.find(&required(body, "SecretId")?)?.usable()?;
    if secret.versions.repeated(&id, &content)? {
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

pub(crate) fn get(store: &mut Store, body: &Value) -> Outcome<Value> {
    let secret = store.find(&required(body, "SecretId")?)?.usable()?;
    let id = optional(body, "VersionId");
    let stage = optional(body, "VersionStage");
    let version = chosen(secret, id.as_deref(), stage.as_deref())?;
    Ok(secret.value(version))
}

/// By id, by label, or by `AWSCURRENT`. If both are given, they must mean the same version.
pub(crate) fn chosen<'s>(secret: &'s Secret, id: Option<&str>, stage: Option<&str>) -> Outcome<&'s Version> {
    let Some(id) = id else {
        let stage = stage.unwrap_or(CURRENT);
        return secret.versions.by_stage(stage).ok_or_else(|| {
            Refusal::not_found_as(format!(
                "Secrets Manager can't find the specified secret value for staging label: {stage}"
            ))
        });
    };
    let version = secret.versions.by_id(id);
    let version = version.filter(|version| stage.is_none_or(|stage| version.stages.contains(stage)));
    version.ok_or_else(|| {
        Refusal::not_found_as(format!("Secrets Manager can't find the specified secret value for VersionId: {id}"))
    })
}

fn version_id(store: &mut Store, body: &Value) -> Outcome<String> {
    Ok(request_token(body)?.unwrap_or_else(|| store.uuid()))
}

fn stages(body: &Value) -> Outcome<Vec<String>> {
    let Some(given) = body.get("VersionStages").and_then(Value::as_array) else {
        return Ok(vec![CURRENT.to_owned()]);
    };
    let stages: Vec<String> = given.iter().filter_map(|stage| stage.as_str().map(str::to_owned)).collect();
    let fine = |stage: &String| (1..=256).contains(&stage.len());
    if (1..=MAX_STAGES).contains(&stages.len()) && stages.iter().all(fine) {
        return Ok(stages);
    }
    Err(Refusal::validation("VersionStages must be 1 to 20 labels of 1 to 256 characters."))
}

fn valid_name(name: String) -> Outcome<String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-!".contains(c);
    if (1..=512).contains(&name.len()) && name.chars().all(fine) {
        return Ok(name);
    }
    let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of \
                   the following: -/_+=.@!";
    Err(Refusal::validation(message))
}
