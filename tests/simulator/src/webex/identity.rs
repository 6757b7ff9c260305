//! `GET /authorizations/tokenExpiry`, `GET /people/me` and `POST /guests/token` (sections 6 and 8).

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::ids;
use super::problem::{Outcome, Problem};
use super::tokens::{Access, Holder, seconds};
use super::world::World;
use crate::clock::later;
use crate::transport::{Answer, Call};

/// When the calling token ends, in epoch milliseconds.
pub(crate) fn token_expiry(world: &World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let caller = world.caller(call, now)?;
    Ok(Answer::json(200, &json!({"exp": caller.expires_at.as_millisecond()})))
}

/// Whose the calling token is: 401 if it is dead, 403 if it is alive without a people scope.
pub(crate) fn me(world: &World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let caller = world.caller(call, now)?;
    caller.demand(&["spark:people_read", "spark-admin:people_read", "spark:all"])?;
    let holder = caller.holder;
    let kind = if holder.user.is_some() { "person" } else { "bot" };
    let body = json!({
        "id": ids::encode("PEOPLE", &holder.account),
        "orgId": ids::org_id(&holder.org),
        "displayName": holder.user.unwrap_or_else(|| "Service App".to_owned()),
        "type": kind,
    });
    Ok(Answer::json(200, &body))
}

/// A guest's token; one more for the same subject leaves the earlier ones alone.
pub(crate) fn guest(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let caller = world.caller(call, now)?;
    if caller.holder.user.is_some() {
        return Err(Problem::forbidden("Only a service app may make guests."));
    }
    caller.demand(&["guest-issuer:write"])?;
    let subject = field(call, "subject")?;
    let display_name = field(call, "displayName")?;
    let account = account(&caller.holder, &subject);
    let expires_at = later(now, world.settings.guest_lifetime);
    let access = Access {
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
    Ok(Answer::json(200, &body))
}

/// The same guest for the same app, org and subject, in the shape of a UUID.
fn account(issuer: &Holder, subject: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let client = issuer.client.as_deref().unwrap_or_default();
    let digest = Sha256::digest(format!("{client} {} {subject}", issuer.org));
    let half = digest.iter().take(16).fold(0, |sum, &byte| sum << 8 | u128::from(byte));
    Uuid::from_u128(half).to_string()
}

fn field(call: &Call, name: &str) -> Outcome<String> {
    let body = call.json();
    let text = body.get(name).and_then(serde_json::Value::as_str);
    let text = text.filter(|text| !text.is_empty()).map(str::to_owned);
    text.ok_or_else(|| Problem::bad_request(format!("{name} is required.")))
}
