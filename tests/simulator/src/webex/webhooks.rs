//! `/webhooks` (section 5).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::hooks::{Creator, Hook};
use super::problem::{Outcome, Problem};
use super::world::World;
use super::{Endpoint, ids, random};
use crate::transport::{Answer, Call};

const WRITE: &str = "application:webhooks_write";
const READ: &str = "application:webhooks_read";
/// The page size if `max` is not given, and the largest.
const PAGE: usize = 100;

pub(crate) fn answer(world: &mut World, endpoint: Endpoint, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let scope = match endpoint {
        Endpoint::ListWebhooks | Endpoint::GetWebhook => READ,
        _ => WRITE,
    };
    let creator = creator(world, call, scope, now)?;
    match endpoint {
        Endpoint::CreateWebhook => create(world, creator, &call.json(), now),
        Endpoint::ListWebhooks => list(world, &creator, call),
        Endpoint::UpdateWebhook => update(own(world, &creator, call)?, &call.json()),
        Endpoint::DeleteWebhook => {
            let id = own(world, &creator, call)?.id.clone();
            world.hooks.remove(&id);
            Ok(Answer::empty(204))
        }
        _ => Ok(Answer::json(200, &own(world, &creator, call)?.object())),
    }
}

/// The user behind an Integration's token; a personal access token has no such scopes.
fn creator(world: &World, call: &Call, scope: &str, now: Timestamp) -> Outcome<Creator> {
    let access = world.caller(call, now)?;
    access.demand(&[scope])?;
    match (access.holder.user, access.holder.client) {
        (Some(user), Some(client_id)) => {
            Ok(Creator { user, client_id, account: access.holder.account, org: access.holder.org })
        }
        _ => Err(Problem::forbidden("Only an integration may manage these webhooks.")),
    }
}

fn create(world: &mut World, creator: Creator, body: &Value, now: Timestamp) -> Outcome<Answer> {
    let hook = Hook {
        id: random::uuid(&mut world.rng),
        name: required(body, "name")?,
        target_url: target(body)?,
        resource: required(body, "resource")?,
        event: required(body, "event")?,
        filter: optional(body, "filter"),
        secret: optional(body, "secret"),
        active: true,
        created: now,
        creator,
        failures: Vec::new(),
    };
    if hook.resource == "serviceApp" {
        check(world, &hook)?;
    }
    let answer = Answer::json(200, &hook.object());
    world.hooks.insert(hook.id.clone(), hook);
    Ok(answer)
}

/// What a Service App's webhook must be: one event, one app, and that the creator's own.
fn check(world: &World, hook: &Hook) -> Outcome<()> {
    if !matches!(hook.event.as_str(), "authorized" | "deauthorized") {
        return Err(Problem::bad_request("event must be authorized or deauthorized."));
    }
    let filter = hook.filter.as_deref().and_then(|filter| filter.strip_prefix("id="));
    let id = filter.ok_or_else(|| Problem::bad_request("filter must be id=<applicationId>."))?;
    if world.app(id)?.owner != hook.creator.user {
        return Err(Problem::forbidden("The caller does not own the service app."));
    }
    Ok(())
}

fn list(world: &World, creator: &Creator, call: &Call) -> Outcome<Answer> {
    let max = match call.query("max").map(|max| max.parse::<usize>()) {
        None => PAGE,
        Some(Ok(max)) if max > 0 => max.min(PAGE),
        Some(_) => return Err(Problem::bad_request("max must be a positive number.")),
    };
    let after = call.query("cursor").unwrap_or_default();
    let hooks = world.hooks.values();
    let mut page: Vec<&Hook> = hooks.filter(|hook| hook.creator == *creator && hook.id > after).take(max + 1).collect();
    let more = page.len() > max;
    page.truncate(max);
    let items: Vec<Value> = page.iter().map(|hook| hook.object()).collect();
    let answer = Answer::json(200, &json!({"items": items}));
    match page.last() {
        Some(last) if more => Ok(answer.with("link", next(call, max, &last.id))),
        _ => Ok(answer),
    }
}

fn next(call: &Call, max: usize, cursor: &str) -> String {
    let host = call.header("host").unwrap_or_default();
    let path = call.uri.path();
    format!(r#"<http://{host}{path}?max={max}&cursor={cursor}>; rel="next""#)
}

fn update(hook: &mut Hook, body: &Value) -> Outcome<Answer> {
    immutable(body, "resource", Some(&hook.resource))?;
    immutable(body, "event", Some(&hook.event))?;
    immutable(body, "filter", hook.filter.as_deref())?;
    let (name, target_url) = (required(body, "name")?, target(body)?);
    let active = match optional(body, "status").as_deref() {
        None => hook.active,
        Some("active") => true,
        Some("inactive") => false,
        Some(_) => return Err(Problem::bad_request("status must be active or inactive.")),
    };
    hook.secret = optional(body, "secret").or(hook.secret.take());
    (hook.name, hook.target_url, hook.active) = (name, target_url, active);
    Ok(Answer::json(200, &hook.object()))
}

fn immutable(body: &Value, name: &str, current: Option<&str>) -> Outcome<()> {
    match optional(body, name) {
        Some(wanted) if Some(wanted.as_str()) != current => {
            Err(Problem::bad_request(format!("{name} cannot be updated.")))
        }
        _ => Ok(()),
    }
}

fn own<'w>(world: &'w mut World, creator: &Creator, call: &Call) -> Outcome<&'w mut Hook> {
    let id = call.segment(1);
    let hooks = world.hooks.values_mut();
    hooks
        .filter(|hook| hook.creator == *creator)
        .find(|hook| ids::same(&ids::encode("WEBHOOK", &hook.id), id))
        .ok_or_else(Problem::not_found)
}

fn target(body: &Value) -> Outcome<String> {
    let target = required(body, "targetUrl")?;
    match url::Url::parse(&target) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(target),
        _ => Err(Problem::bad_request("targetUrl must be an HTTP URL.")),
    }
}

fn required(body: &Value, name: &str) -> Outcome<String> {
    let missing = || Problem::bad_request(format!("{name} is required."));
    optional(body, name).ok_or_else(missing)
}

fn optional(body: &Value, name: &str) -> Option<String> {
    let text = body.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
