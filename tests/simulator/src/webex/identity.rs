//! `GET /authorizations/tokenExpiry`, `/people/me` and `/organizations/{id}`; `POST /guests/token` (sections 6 and 8).

use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::error::{WebexError, WebexResult};
use super::ids;
use super::tokens::{AccessToken, Holder, seconds};
use super::world::World;
use crate::clock::later;
use crate::transport::{Request, Response};

/// The expiry of the calling token, in epoch milliseconds; 401 if it is dead.
pub(crate) fn token_expiry(world: &World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    Ok(Response::json(200, &json!({"exp": caller.expires_at.as_millisecond()})))
}

/// The account of the calling token: 401 if the token is dead, 403 if it lives without a people scope.
pub(crate) fn me(world: &World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    caller.require_scope(&["spark:people_read", "spark-admin:people_read", "spark:all"])?;
    let holder = caller.holder;
    let (name, email, account_type) = match &holder.user {
        Some(name) => (name.as_str(), format!("{name}@users.webex.localhost"), "person"),
        None => ("Service App", format!("{}@machines.webex.localhost", holder.account), "bot"),
    };
    let body = json!({
        "id": ids::encode("PEOPLE", &holder.account),
        "orgId": ids::org_id(&holder.org),
        "emails": [email],
        "displayName": name,
        "type": account_type,
    });
    Ok(Response::json(200, &body))
}

/// The caller's own org by its id; 404 for any other org.
pub(crate) fn organization(world: &World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    caller.require_scope(&["spark-admin:organizations_read", "spark:organizations_read"])?;
    let org = caller.holder.org;
    if ids::parse_org(request.segment(1)).as_ref() != Some(&org) {
        return Err(WebexError::not_found());
    }
    let name = match world.orgs.get(&org) {
        Some(name) => name.as_str(),
        None => "Developer Sandbox",
    };
    Ok(Response::json(200, &json!({"id": ids::org_id(&org), "displayName": name})))
}

/// Issues a guest's token. Another token for the same subject leaves the earlier ones alive.
pub(crate) fn guest(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    if caller.holder.user.is_some() {
        return Err(WebexError::forbidden("Only a service app may create guests."));
    }
    caller.require_scope(&["guest-issuer:write"])?;
    let subject = required_field(request, "subject")?;
    let display_name = required_field(request, "displayName")?;
    let account = guest_account(&caller.holder, &subject);
    let expires_at = later(now, world.settings.guest_lifetime);
    let access = AccessToken {
        holder: Holder { account: account.clone(), user: None, org: caller.holder.org, client: None },
        scopes: Some(vec!["spark:all".to_owned()]),
        expires_at,
    };
    let token = world.issue_access(access, now)?;
    let body = json!({
        "id": ids::encode("PEOPLE", &account),
        "subject": subject,
        "displayName": display_name,
        "email": format!("{account}@guest.webex.localhost"),
        "accessToken": token,
        "expiresIn": seconds(now, expires_at),
    });
    Ok(Response::json(200, &body))
}

/// The id of a guest, in the form of a UUID: the same app, org and subject have the same guest.
fn guest_account(issuer: &Holder, subject: &str) -> String {
    let client = issuer.client.as_deref().unwrap_or_default();
    let digest = Sha256::digest(format!("{client} {} {subject}", issuer.org));
    let half = digest.iter().take(16).fold(0, |sum, &byte| sum << 8 | u128::from(byte));
    Uuid::from_u128(half).to_string()
}

fn required_field(request: &Request, name: &str) -> WebexResult<String> {
    match request.json().get(name).and_then(serde_json::Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(WebexError::bad_request(format!("{name} is required."))),
    }
}
