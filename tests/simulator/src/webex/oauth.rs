//! `POST /access_token`: refresh and code exchange (section 3).

use jiff::Timestamp;

use super::error::{WebexError, WebexResult};
use super::tokens::{Holder, IssuedPair};
use super::world::World;
use crate::transport::{Request, Response};

pub(crate) fn access_token(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    if !request.is_form() {
        let message = "The body must be application/x-www-form-urlencoded.";
        return Err(WebexError::oauth(400, "invalid_request", message));
    }
    let pair = match required_field(request, "grant_type")?.as_str() {
        "refresh_token" => refresh(world, request, now),
        "authorization_code" => exchange(world, request, now),
        _ => Err(WebexError::oauth(400, "unsupported_grant_type", "No such grant type.")),
    }?;
    Ok(Response::json(200, &pair.token_body(now)))
}

fn refresh(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<IssuedPair> {
    let client_id = authenticate_client(world, request)?;
    let token = required_field(request, "refresh_token")?;
    world.refresh(&client_id, &token, now)
}

fn exchange(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<IssuedPair> {
    let client_id = authenticate_client(world, request)?;
    let code = required_field(request, "code")?;
    let redirect_uri = request.form("redirect_uri");
    let verifier = request.form("code_verifier");
    // A code is single use, even if the exchange is then refused.
    let Some(code) = world.codes.remove(&code) else {
        return Err(invalid_grant("The authorization code is unknown or used."));
    };
    let checked = code.check(&client_id, redirect_uri.as_deref(), verifier.as_deref(), now);
    checked.map_err(invalid_grant)?;
    world.issue_user_pair(&client_id, &code.user, code.scopes, now)
}

impl World {
    /// Issues the pair that an Integration gets when a user has consented.
    pub(crate) fn issue_user_pair(
        &mut self,
        client_id: &str,
        user: &str,
        scopes: Vec<String>,
        now: Timestamp,
    ) -> WebexResult<IssuedPair> {
        let user = self.user(user);
        let holder =
            Holder { account: user.id, user: Some(user.name), org: user.org, client: Some(client_id.to_owned()) };
        self.issue_pair(holder, scopes, true, now)
    }
}

/// The client id, if its secret is right. Both come in the body or by HTTP Basic authentication.
pub(crate) fn authenticate_client(world: &World, request: &Request) -> WebexResult<String> {
    let (client_id, secret) = match request.basic() {
        Some(basic) => basic,
        None => (required_field(request, "client_id")?, required_field(request, "client_secret")?),
    };
    match world.apps.get(&client_id) {
        Some(app) if app.client_secret == secret => Ok(client_id),
        _ => {
            let status = world.settings.wrong_secret_status;
            Err(WebexError::oauth(status, "invalid_client", "Client authentication failed."))
        }
    }
}

pub(crate) fn required_field(request: &Request, name: &str) -> WebexResult<String> {
    match request.form(name) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(WebexError::oauth(400, "invalid_request", &format!("{name} is required."))),
    }
}

pub(crate) fn invalid_grant(message: &str) -> WebexError {
    WebexError::oauth(400, "invalid_grant", message)
}
