//! `POST /applications/{applicationId}/token` (section 2).

use jiff::Timestamp;
use serde_json::Value;

use super::problem::{Outcome, Problem};
use super::tokens::Access;
use super::world::{App, Kind, World};
use super::{Endpoint, Fault, ids};
use crate::transport::{Answer, Call, Faults};

/// The three fields of the body, all required.
struct Wanted {
    client_id: String,
    client_secret: String,
    org: String,
}

pub(crate) fn mint(
    world: &mut World,
    faults: &Faults<Endpoint, Fault>,
    call: &Call,
    now: Timestamp,
) -> Outcome<Answer> {
    let caller = world.caller(call, now)?;
    let wanted = wanted(call)?;
    let app = service_app(world, call.segment(1))?;
    permit(&caller, &app)?;
    check(world, &app, &wanted)?;
    let machine = world.machine(&app, &wanted.org)?;
    if faults.take(Endpoint::Mint, Some(&wanted.org)).is_some() {
        return Err(Problem::not_authorized());
    }
    let with_refresh = world.settings.mint_gives_refresh_token;
    let pair = world.issue_pair(machine, app.scopes, with_refresh, now)?;
    Ok(Answer::json(200, &pair.minted(now)))
}

fn wanted(call: &Call) -> Outcome<Wanted> {
    let body = call.json();
    let field = |name: &str| match body.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(Problem::bad_request(format!("{name} is required."))),
    };
    let org = field("targetOrgId")?;
    Ok(Wanted {
        client_id: field("clientId")?,
        client_secret: field("clientSecret")?,
        org: ids::parse_org(&org).ok_or_else(|| Problem::bad_request("targetOrgId is not an organization id."))?,
    })
}

fn service_app(world: &World, application_id: &str) -> Outcome<App> {
    match world.app(application_id)? {
        app if app.kind == Kind::ServiceApp => Ok(app.clone()),
        _ => Err(Problem::not_found()),
    }
}

/// Only the app's owner may mint: by an Integration with the scope, or in person.
fn permit(caller: &Access, app: &App) -> Outcome<()> {
    if caller.holder.user.as_ref() != Some(&app.owner) {
        return Err(Problem::forbidden("The caller does not own the service app."));
    }
    caller.demand(&["spark:applications_token"])
}

fn check(world: &World, app: &App, wanted: &Wanted) -> Outcome<()> {
    if wanted.client_id != app.client_id {
        return Err(Problem::bad_request("clientId does not match the service app."));
    }
    if wanted.client_secret != app.client_secret {
        let status = world.settings.wrong_secret_status;
        return Err(Problem::new(status, "The client secret is wrong."));
    }
    Ok(())
}
