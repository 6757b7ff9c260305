//! `POST /applications/{applicationId}/token` (section 2).

use jiff::Timestamp;
use serde_json::Value;

use super::error::{WebexError, WebexResult};
use super::tokens::AccessToken;
use super::world::{App, ClientType, World};
use super::{Endpoint, Fault, ids};
use crate::transport::{Faults, Request, Response};

/// The scope without which a token cannot mint.
const MINT_SCOPE: &str = "spark:applications_token";

/// The three fields of the body, all required.
struct MintRequest {
    client_id: String,
    client_secret: String,
    org: String,
}

pub(crate) fn mint(
    world: &mut World,
    faults: &Faults<Endpoint, Fault>,
    request: &Request,
    now: Timestamp,
) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    let wanted = MintRequest::read(request)?;
    let app = service_app(world, request.segment(1))?;
    check_caller(&caller, &app)?;
    check_client(world, &app, &wanted)?;
    let machine = world.machine(&app, &wanted.org)?;
    if faults.take_about(Endpoint::Mint, &wanted.org).is_some() {
        return Err(WebexError::not_authorized());
    }
    let with_refresh = world.settings.mint_gives_refresh_token;
    let pair = world.issue_pair(machine, app.scopes, with_refresh, now)?;
    Ok(Response::json(200, &pair.mint_body(now)))
}

impl MintRequest {
    fn read(request: &Request) -> WebexResult<Self> {
        let body = request.json();
        let org = required_field(&body, "targetOrgId")?;
        let Some(org) = ids::parse_org(&org) else {
            return Err(WebexError::bad_request("targetOrgId is not an organization id."));
        };
        Ok(Self {
            client_id: required_field(&body, "clientId")?,
            client_secret: required_field(&body, "clientSecret")?,
            org,
        })
    }
}

fn required_field(body: &Value, name: &str) -> WebexResult<String> {
    match body.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(WebexError::bad_request(format!("{name} is required."))),
    }
}

fn service_app(world: &World, application_id: &str) -> WebexResult<App> {
    match world.app(application_id)? {
        app if app.client_type == ClientType::ServiceApp => Ok(app.clone()),
        _ => Err(WebexError::not_found()),
    }
}

/// Only the app's owner may mint, with a personal access token or a token that has [`MINT_SCOPE`].
fn check_caller(caller: &AccessToken, app: &App) -> WebexResult<()> {
    if caller.holder.user.as_ref() != Some(&app.owner) {
        return Err(WebexError::missing_rights());
    }
    caller.require_scope(&[MINT_SCOPE])
}

fn check_client(world: &World, app: &App, wanted: &MintRequest) -> WebexResult<()> {
    if wanted.client_id != app.client_id {
        return Err(WebexError::bad_request("clientId does not match the service app."));
    }
    if wanted.client_secret != app.client_secret {
        let status = world.settings.wrong_secret_status;
        return Err(WebexError::new(status, "The client secret is wrong."));
    }
    Ok(())
}
