//! `/webhooks` (section 5).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{WebexError, WebexResult};
use super::registration::{Creator, Registration};
use super::tokens::Holder;
use super::world::World;
use super::{Endpoint, ids, random};
use crate::transport::{Request, Response};

const WRITE: &str = "application:webhooks_write";
const READ: &str = "application:webhooks_read";
/// The scope that a webhook for data sources needs.
const DATA_SOURCES: &str = "spark-admin:datasource_read";
/// The largest page, and the page size if the request has no `max`.
const PAGE: usize = 100;

pub(crate) fn respond(
    world: &mut World,
    endpoint: Endpoint,
    request: &Request,
    now: Timestamp,
) -> WebexResult<Response> {
    let scope = match endpoint {
        Endpoint::ListWebhooks | Endpoint::GetWebhook => READ,
        _ => WRITE,
    };
    let creator = creator(world, request, scope, now)?;
    match endpoint {
        Endpoint::CreateWebhook => create(world, creator, &request.json(), now),
        Endpoint::ListWebhooks => list(world, &creator, request),
        Endpoint::UpdateWebhook => update(own(world, &creator, request)?, &request.json()),
        Endpoint::DeleteWebhook => {
            let id = own(world, &creator, request)?.id.clone();
            world.registrations.remove(&id);
            Ok(Response::empty(204))
        }
        _ => Ok(Response::json(200, &own(world, &creator, request)?.object())),
    }
}

/// The user of an Integration's token, or the machine account of a Service App that may read data sources. A personal
/// access token has none of these scopes.
fn creator(world: &World, request: &Request, scope: &str, now: Timestamp) -> WebexResult<Creator> {
    let access = world.caller(request, now)?;
    if access.holder.user.is_none()
        && let Some(client_id) = access.holder.client.clone()
    {
        access.require_scope(&[DATA_SOURCES])?;
        let Holder { account, org, .. } = access.holder;
        return Ok(Creator { user: account.clone(), client_id, account, org });
    }
    access.require_scope(&[scope])?;
    match (access.holder.user, access.holder.client) {
        (Some(user), Some(client_id)) => {
            Ok(Creator { user, client_id, account: access.holder.account, org: access.holder.org })
        }
        _ => Err(WebexError::forbidden("Only an integration may manage these webhooks.")),
    }
}

fn create(world: &mut World, creator: Creator, body: &Value, now: Timestamp) -> WebexResult<Response> {
    let registration = Registration {
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
    if registration.resource == "serviceApp" {
        check(world, &registration)?;
    }
    let response = Response::json(200, &registration.object());
    world.registrations.insert(registration.id.clone(), registration);
    Ok(response)
}

/// A webhook for a Service App has one event and one app, which the creator owns.
fn check(world: &World, registration: &Registration) -> WebexResult<()> {
    if !matches!(registration.event.as_str(), "authorized" | "deauthorized") {
        return Err(WebexError::bad_request("event must be authorized or deauthorized."));
    }
    let Some(id) = registration.filtered_app() else {
        return Err(WebexError::bad_request("filter must be id=<applicationId>."));
    };
    if world.app(id)?.owner != registration.creator.user {
        return Err(WebexError::forbidden("The caller does not own the service app."));
    }
    Ok(())
}

fn list(world: &World, creator: &Creator, request: &Request) -> WebexResult<Response> {
    let max = match request.query("max").map(|max| max.parse::<usize>()) {
        None => PAGE,
        Some(Ok(max)) if max > 0 => max.min(PAGE),
        Some(_) => return Err(WebexError::bad_request("max must be a positive number.")),
    };
    let after = request.query("cursor").unwrap_or_default();
    let own = world.registrations.values().filter(|registration| registration.creator == *creator);
    let mut page: Vec<&Registration> = own.filter(|registration| registration.id > after).take(max + 1).collect();
    let more = page.len() > max;
    page.truncate(max);
    let items: Vec<Value> = page.iter().map(|registration| registration.object()).collect();
    let response = Response::json(200, &json!({"items": items}));
    match page.last() {
        Some(last) if more => Ok(response.with("link", next(request, max, &last.id))),
        _ => Ok(response),
    }
}

fn next(request: &Request, max: usize, cursor: &str) -> String {
    let host = request.header("host").unwrap_or_default();
    let path = request.uri.path();
    format!(r#"<http://{host}{path}?max={max}&cursor={cursor}>; rel="next""#)
}

fn update(registration: &mut Registration, body: &Value) -> WebexResult<Response> {
    immutable(body, "resource", Some(&registration.resource))?;
    immutable(body, "event", Some(&registration.event))?;
    immutable(body, "filter", registration.filter.as_deref())?;
    let name = required(body, "name")?;
    let target_url = target(body)?;
    let active = match optional(body, "status").as_deref() {
        None => registration.active,
        Some("active") => true,
        Some("inactive") => false,
        Some(_) => return Err(WebexError::bad_request("status must be active or inactive.")),
    };
    registration.secret = optional(body, "secret").or(registration.secret.take());
    registration.name = name;
    registration.target_url = target_url;
    registration.active = active;
    Ok(Response::json(200, &registration.object()))
}

fn immutable(body: &Value, name: &str, current: Option<&str>) -> WebexResult<()> {
    match optional(body, name) {
        Some(wanted) if Some(wanted.as_str()) != current => {
            Err(WebexError::bad_request(format!("{name} cannot be updated.")))
        }
        _ => Ok(()),
    }
}

fn own<'w>(world: &'w mut World, creator: &Creator, request: &Request) -> WebexResult<&'w mut Registration> {
    let id = request.segment(1);
    let mut registrations = world.registrations.values_mut();
    let own = registrations.find(|registration| {
        registration.creator == *creator && ids::same(&ids::encode("WEBHOOK", &registration.id), id)
    });
    own.ok_or_else(WebexError::not_found)
}

fn target(body: &Value) -> WebexResult<String> {
    let target = required(body, "targetUrl")?;
    match url::Url::parse(&target) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(target),
        _ => Err(WebexError::bad_request("targetUrl must be an HTTP URL.")),
    }
}

fn required(body: &Value, name: &str) -> WebexResult<String> {
    match optional(body, name) {
        Some(text) => Ok(text),
        None => Err(WebexError::bad_request(format!("{name} is required."))),
    }
}

fn optional(body: &Value, name: &str) -> Option<String> {
    let text = body.get(name)?.as_str()?;
    if text.is_empty() { None } else { Some(text.to_owned()) }
}
