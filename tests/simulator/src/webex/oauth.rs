//! `POST /access_token`: refresh and code exchange (section 3).

use jiff::Timestamp;

use super::problem::{Outcome, Problem};
use super::tokens::{Holder, Pair};
use super::world::World;
use crate::transport::{Answer, Call};

pub(crate) fn grant(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Answer> {
    if !call.is_form() {
        let text = "The body must be application/x-www-form-urlencoded.";
        return Err(Problem::oauth(400, "invalid_request", text));
    }
    let grant_type = required(call, "grant_type")?;
    let pair = match grant_type.as_str() {
        "refresh_token" => refresh(world, call, now),
        "authorization_code" => exchange(world, call, now),
        _ => Err(Problem::oauth(400, "unsupported_grant_type", "No such grant type.")),
    }?;
    Ok(Answer::json(200, &pair.granted(now)))
}

fn refresh(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Pair> {
    let client_id = client(world, call)?;
    let token = required(call, "refresh_token")?;
    world.refresh(&client_id, &token, now)
}

fn exchange(world: &mut World, call: &Call, now: Timestamp) -> Outcome<Pair> {
    let client_id = client(world, call)?;
    let code = required(call, "code")?;
    let redirect_uri = call.form("redirect_uri");
    let verifier = call.form("code_verifier");
    // Single use: it is gone even if the rest is refused.
    let Some(code) = world.codes.remove(&code) else {
        return Err(invalid_grant("The authorization code is unknown or used."));
    };
    let objection = code.objection(&client_id, redirect_uri.as_deref(), verifier.as_deref(), now);
    if let Some(text) = objection {
        return Err(invalid_grant(text));
    }
    world.consented(&client_id, &code.user, code.scopes, now)
}

impl World {
    /// The pair that a user's consent gives to an Integration.
    pub(crate) fn consented(
        &mut self,
        client_id: &str,
        user: &str,
        scopes: Vec<String>,
        now: Timestamp,
    ) -> Outcome<Pair> {
        let user = self.user(user);
        let holder =
            Holder { account: user.id, user: Some(user.name), org: user.org, client: Some(client_id.to_owned()) };
        self.issue_pair(holder, scopes, true, now)
    }
}

/// The client id, once its secret is found right: in the body, or by HTTP Basic.
pub(crate) fn client(world: &World, call: &Call) -> Outcome<String> {
    let (client_id, secret) = match call.basic() {
        Some(basic) => basic,
        None => (required(call, "client_id")?, required(call, "client_secret")?),
    };
    match world.apps.get(&client_id) {
        Some(app) if app.client_secret == secret => Ok(client_id),
        _ => {
            let status = world.settings.wrong_secret_status;
            Err(Problem::oauth(status, "invalid_client", "Client authentication failed."))
        }
    }
}

pub(crate) fn required(call: &Call, name: &str) -> Outcome<String> {
    let field = call.form(name).filter(|value| !value.is_empty());
    let text = format!("{name} is required.");
    field.ok_or_else(|| Problem::oauth(400, "invalid_request", &text))
}

pub(crate) fn invalid_grant(text: &str) -> Problem {
    Problem::oauth(400, "invalid_grant", text)
}
