//! The device flow (section 3): a code to type elsewhere instead of a redirect.

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::authorize::{needs_admin, split};
use super::oauth::{client, invalid_grant, required};
use super::problem::{Outcome, Problem};
use super::registry::Role;
use super::tokens::seconds;
use super::world::World;
use super::{Webex, pages, random};
use crate::clock::later;
use crate::transport::{Answer, Call};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How often a client may ask at first.
const INTERVAL: SignedDuration = SignedDuration::from_secs(2);
/// What `slow_down` adds (RFC 8628 section 3.5).
const SLOWER: SignedDuration = SignedDuration::from_secs(5);

/// A device that waits.
pub(crate) struct Device {
    client_id: String,
    scopes: Vec<String>,
    user_code: String,
    /// Who has decided, and how.
    decision: Option<(String, bool)>,
    expires_at: Timestamp,
    interval: SignedDuration,
    /// The earliest moment for the next question.
    next_at: Timestamp,
}

/// `POST /device/authorize`
pub(crate) fn begin(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    let client_id = required(call, "client_id")?;
    let scopes = split(&required(call, "scope")?);
    let Some(app) = world.apps.get(&client_id) else {
        return Err(Problem::oauth(400, "invalid_client", "Unknown client_id."));
    };
    if scopes.iter().any(|scope| !app.scopes.contains(scope)) {
        return Err(Problem::oauth(400, "invalid_scope", "The requested scope is invalid."));
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
    let page = format!("http://{}/v1/device", call.header("host").unwrap_or_default());
    let answer = json!({
        "device_code": code,
        "user_code": device.user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={}", device.user_code),
        "expires_in": seconds(now, device.expires_at),
        "interval": device.interval.as_secs(),
    });
    world.devices.insert(code, device);
    Ok(Answer::json(200, &answer))
}

/// `POST /device/token`: 428 until somebody has decided.
pub(crate) fn token(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    if call.basic().is_none() {
        return Err(Problem::oauth(401, "invalid_client", "HTTP Basic is required."));
    }
    let client_id = client(world, call)?;
    if required(call, "grant_type")? != GRANT_TYPE {
        return Err(Problem::oauth(400, "unsupported_grant_type", "No such grant type."));
    }
    let code = required(call, "device_code")?;
    let waiting = world.devices.get_mut(&code).filter(|device| device.client_id == client_id);
    let device = waiting.ok_or_else(|| invalid_grant("The device code is unknown or used."))?;
    if device.expires_at <= now {
        return Err(Problem::oauth(400, "expired_token", "The device code has expired."));
    }
    if now < device.next_at {
        device.interval += SLOWER;
        device.next_at = later(now, device.interval);
        return Err(Problem::oauth(400, "slow_down", "Polling too often."));
    }
    device.next_at = later(now, device.interval);
    match device.decision.clone() {
        None => Err(Problem::oauth(428, "authorization_pending", "The user has not decided yet.")),
        Some((_, false)) => Err(Problem::oauth(403, "access_denied", "The user declined the request.")),
        Some((user, true)) => {
            let scopes = device.scopes.clone();
            world.devices.remove(&code);
            let pair = world.consented(&client_id, &user, scopes, now)?;
            Ok(Answer::json(200, &pair.granted(now)))
        }
    }
}

/// `GET` and `POST /device`: the page on which the code is typed.
pub(crate) fn page(world: &mut World, call: &Call, now: Timestamp) -> Answer {
    let user_code = call.form("user_code").or_else(|| call.query("user_code")).unwrap_or_default();
    let Some(user) = call.form("user") else {
        return pages::device(&user_code, "Type the code that your device shows.");
    };
    let accepts = call.form("decision").as_deref() == Some("accept");
    let told = match world.decide_device(&user_code, &user, accepts, now) {
        Ok(()) => "Done. Go back to your device.".to_owned(),
        Err(error) => error.to_string(),
    };
    pages::device(&user_code, &told)
}

impl World {
    fn decide_device(&mut self, user_code: &str, user: &str, accepts: bool, now: Timestamp) -> anyhow::Result<()> {
        let role = self.users.get(user).with_context(|| format!("no user {user}"))?.role;
        let mut devices = self.devices.values_mut();
        let device = devices
            .find(|device| device.user_code == user_code && device.expires_at > now)
            .with_context(|| format!("no device waits with the code {user_code}"))?;
        let entitled = role == Role::FullAdmin || !device.scopes.iter().any(|scope| needs_admin(scope));
        ensure!(entitled || !accepts, "No user entitled service in request scopes");
        device.decision = Some((user.to_owned(), accepts));
        Ok(())
    }
}

impl Webex {
    /// `user` types the code that a device shows, and accepts.
    pub fn approve_device(&self, user_code: &str, user: &str) -> anyhow::Result<()> {
        self.world().decide_device(user_code, user, true, self.now())
    }

    /// `user` types the code that a device shows, and declines.
    pub fn decline_device(&self, user_code: &str, user: &str) -> anyhow::Result<()> {
        self.world().decide_device(user_code, user, false, self.now())
    }
}
