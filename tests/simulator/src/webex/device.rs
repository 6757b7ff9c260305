//! The device flow (section 3): the user types a code on another device instead of being redirected.

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::authorize::{needs_admin, split_scopes};
use super::error::{WebexError, WebexResult};
use super::oauth::{authenticate_client, invalid_grant, required_field};
use super::portal::Role;
use super::tokens::seconds;
use super::world::World;
use super::{Webex, pages, random};
use crate::clock::later;
use crate::transport::{Request, Response};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The polling interval at first.
const INTERVAL: SignedDuration = SignedDuration::from_secs(2);
/// What `slow_down` adds to the interval (RFC 8628 section 3.5).
const SLOWER: SignedDuration = SignedDuration::from_secs(5);

/// A device that waits for its user's decision.
pub(crate) struct Device {
    client_id: String,
    scopes: Vec<String>,
    user_code: String,
    /// The user who has decided, and whether they accepted.
    decision: Option<(String, bool)>,
    expires_at: Timestamp,
    interval: SignedDuration,
    /// The earliest time of the next poll.
    next_at: Timestamp,
}

/// `POST /device/authorize`
pub(crate) fn authorize(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let client_id = required_field(request, "client_id")?;
    let scopes = split_scopes(&required_field(request, "scope")?);
    let Some(app) = world.apps.get(&client_id) else {
        return Err(WebexError::oauth(400, "invalid_client", "Unknown client_id."));
    };
    if scopes.iter().any(|scope| !app.scopes.contains(scope)) {
        return Err(WebexError::oauth(400, "invalid_scope", "The requested scope is invalid."));
    }
    let code = random::hex(&mut world.rng, 64);
    let device = Device {
        client_id,
        scopes,
        user_code: random::hex(&mut world.rng, 6),
        decision: None,
        expires_at: later(now, world.settings.device_lifetime),
        interval: INTERVAL,
        next_at: now,
    };
    let page = format!("http://{}/v1/device", request.header("host").unwrap_or_default());
    let answer = json!({
        "device_code": code,
        "user_code": device.user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={}", device.user_code),
        "expires_in": seconds(now, device.expires_at),
        "interval": device.interval.as_secs(),
    });
    world.devices.insert(code, device);
    Ok(Response::json(200, &answer))
}

/// `POST /device/token`: 428 until the user has decided.
pub(crate) fn token(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    if request.basic().is_none() {
        return Err(WebexError::oauth(401, "invalid_client", "HTTP Basic is required."));
    }
    let client_id = authenticate_client(world, request)?;
    if required_field(request, "grant_type")? != GRANT_TYPE {
        return Err(WebexError::oauth(400, "unsupported_grant_type", "No such grant type."));
    }
    let code = required_field(request, "device_code")?;
    let waiting = world.devices.get_mut(&code).filter(|device| device.client_id == client_id);
    let device = waiting.ok_or_else(|| invalid_grant("The device code is unknown or used."))?;
    if device.expires_at <= now {
        return Err(WebexError::oauth(400, "expired_token", "The device code has expired."));
    }
    if now < device.next_at {
        device.interval += SLOWER;
        device.next_at = later(now, device.interval);
        return Err(WebexError::oauth(400, "slow_down", "Polling too often."));
    }
    device.next_at = later(now, device.interval);
    match device.decision.clone() {
        None => Err(WebexError::oauth(428, "authorization_pending", "The user has not decided yet.")),
        Some((_, false)) => Err(WebexError::oauth(403, "access_denied", "The user declined the request.")),
        Some((user, true)) => {
            let scopes = device.scopes.clone();
            world.devices.remove(&code);
            let pair = world.issue_user_pair(&client_id, &user, scopes, now)?;
            Ok(Response::json(200, &pair.token_body(now)))
        }
    }
}

/// `GET` and `POST /device`: the page on which the user types the code.
pub(crate) fn page(world: &mut World, request: &Request, now: Timestamp) -> Response {
    let user_code = request.form("user_code").or_else(|| request.query("user_code")).unwrap_or_default();
    let Some(user) = request.form("user") else {
        return pages::device(&user_code, "Type the code that your device shows.");
    };
    let accepted = request.form("decision").as_deref() == Some("accept");
    let message = match world.decide_device(&user_code, &user, accepted, now) {
        Ok(()) => "Done. Go back to your device.".to_owned(),
        Err(error) => error.to_string(),
    };
    pages::device(&user_code, &message)
}

impl World {
    fn decide_device(&mut self, user_code: &str, user: &str, accepted: bool, now: Timestamp) -> anyhow::Result<()> {
        let role = self.users.get(user).with_context(|| format!("there is no user {user}"))?.role;
        let mut devices = self.devices.values_mut();
        let device = devices
            .find(|device| device.user_code == user_code && device.expires_at > now)
            .with_context(|| format!("no device waits for the code {user_code}"))?;
        let is_entitled = role == Role::FullAdmin || !device.scopes.iter().any(|scope| needs_admin(scope));
        ensure!(is_entitled || !accepted, "No user entitled service in request scopes");
        device.decision = Some((user.to_owned(), accepted));
        Ok(())
    }
}

impl Webex {
    /// Accepts as `user` would who types the code that the device shows.
    pub fn approve_device(&self, user_code: &str, user: &str) -> anyhow::Result<()> {
        self.world().decide_device(user_code, user, true, self.now())
    }

    /// Declines as `user` would who types the code that the device shows.
    pub fn decline_device(&self, user_code: &str, user: &str) -> anyhow::Result<()> {
        self.world().decide_device(user_code, user, false, self.now())
    }
}
