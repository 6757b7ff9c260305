//! What orgs and users have consented to, and `DELETE /authorizations` (sections 5 and 6).

use jiff::Timestamp;

use super::authorization_code::AuthorizationCode;
use super::error::{WebexError, WebexResult};
use super::world::World;
use super::{Challenge, Change, Event, Tokens, Webex, ids, random};
use crate::clock::later;
use crate::transport::{Request, Response};

/// `DELETE /authorizations?clientId&orgId`: an administrator withdraws their own org's authorisation of an app.
pub(crate) fn delete(world: &mut World, request: &Request, now: Timestamp) -> WebexResult<Response> {
    let caller = world.caller(request, now)?;
    caller.require_scope(&["identity:tokens_write"])?;
    let client_id = request.query("clientId").ok_or_else(|| WebexError::bad_request("clientId is required."))?;
    let org = request.query("orgId").ok_or_else(|| WebexError::bad_request("orgId is required."))?;
    if ids::bare_org(&org) != caller.holder.org {
        return Err(WebexError::missing_rights());
    }
    match world.deauthorize(&client_id, &org) {
        Some(_) => Ok(Response::empty(204)),
        None => Err(WebexError::not_found()),
    }
}

impl World {
    /// Issues a code for a user's consent.
    pub(crate) fn issue_code(&mut self, consent: AuthorizationCode) -> String {
        let code = random::hex(&mut self.rng, 64);
        self.codes.insert(code.clone(), consent);
        code
    }
}

impl Webex {
    /// Authorises the app as the org's administrator does, and returns the event for the app's webhooks.
    ///
    /// Nothing changes if the org has already authorised the app.
    pub fn authorize(&self, app: impl AsRef<str>, org: &str) -> Event {
        let client_id = self.client_id(app.as_ref());
        self.world().authorize(&client_id, org, self.now());
        self.event(Change::Authorized, client_id, org)
    }

    /// Withdraws the authorisation, deletes the machine account and its tokens, and returns the event.
    pub fn deauthorize(&self, app: impl AsRef<str>, org: &str) -> Event {
        let client_id = self.client_id(app.as_ref());
        let event = self.event(Change::Deauthorized, &client_id, org);
        self.world().deauthorize(&client_id, org);
        event
    }

    /// Makes an event without changing anything: a forgery, a replay, or an event that overtakes its cause.
    pub fn event(&self, change: Change, app: impl AsRef<str>, org: &str) -> Event {
        let client_id = self.client_id(app.as_ref());
        let world = &mut *self.world();
        let (application_id, owner) = match world.app(&client_id) {
            Ok(app) => (app.application_id.clone(), app.owner.clone()),
            Err(_) => (ids::application_id(&client_id), String::new()),
        };
        let developer = world.user(&owner);
        let authorization = world.authorization(&client_id, org);
        Event {
            change,
            application_id,
            org: ids::bare_org(org),
            authorized_at: authorization.map(|authorization| authorization.since),
            actor_id: Some(ids::encode("PEOPLE", &random::uuid(&mut world.rng))),
            developer_org: developer.org,
        }
    }

    /// Whether the org has authorised the app.
    pub fn is_authorized(&self, app: impl AsRef<str>, org: &str) -> bool {
        let client_id = self.client_id(app.as_ref());
        self.world().authorization(&client_id, org).is_some()
    }

    /// Issues what the browser flow would: a pair of `user` for an Integration, with all scopes that it registered.
    pub fn grant_integration(&self, app: impl AsRef<str>, user: &str) -> anyhow::Result<Tokens> {
        let now = self.now();
        let client_id = self.client_id(app.as_ref());
        let mut world = self.world();
        let Some(app) = world.apps.get(&client_id) else {
            anyhow::bail!("no integration {client_id} is registered");
        };
        let scopes = app.scopes.clone();
        match world.issue_user_pair(&client_id, user, scopes, now) {
            Ok(pair) => Ok(Tokens::of(pair, now)),
            Err(error) => anyhow::bail!("no pair was issued: {error:?}"),
        }
    }

    /// Issues a code as Webex sends it to `redirect_uri`: single use, for `POST /access_token`.
    pub fn authorization_code(
        &self,
        app: impl AsRef<str>,
        user: &str,
        scopes: &[&str],
        redirect_uri: &str,
        challenge: Option<Challenge>,
    ) -> String {
        let client_id = self.client_id(app.as_ref());
        let mut world = self.world();
        let consent = AuthorizationCode {
            client_id,
            user: user.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            expires_at: later(self.now(), world.settings.code_lifetime),
        };
        world.issue_code(consent)
    }
}
