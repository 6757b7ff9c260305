//! The tokens that are out there.

use jiff::SignedDuration;

use super::tokens::{Access, Holder};
use super::{Webex, random};
use crate::clock::later;

/// Personal access tokens live for 12 hours.
const PERSONAL_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

impl Webex {
    /// What the portal lets a developer copy: 12 hours, no refresh token.
    pub fn personal_access_token(&self, developer: &str) -> String {
        let expires_at = later(self.now(), PERSONAL_LIFETIME);
        let mut world = self.world();
        let user = world.user(developer);
        let shape = world.settings.token_shape;
        let token = random::token(&mut world.rng, shape, &user.org);
        let holder = Holder { account: user.id, user: Some(user.name), org: user.org, client: None };
        let access = Access { holder, scopes: None, expires_at };
        world.tokens.insert(token.clone(), access);
        token
    }

    /// Whether Webex would accept this access token now.
    pub fn is_alive(&self, access_token: &str) -> bool {
        self.world().tokens.access(access_token, self.now()).is_some()
    }

    /// Whether Webex would accept this refresh token now.
    pub fn is_refresh_alive(&self, refresh_token: &str) -> bool {
        self.world().tokens.refresh_alive(refresh_token, self.now())
    }

    /// Kills one token, access or refresh, before its time; whether there was one.
    pub fn kill(&self, token: &str) -> bool {
        self.world().tokens.kill(token)
    }

    /// How many live access tokens the machine account of `app` in `org` has.
    pub fn live_tokens(&self, app: impl AsRef<str>, org: &str) -> usize {
        let client_id = self.client_id(app.as_ref());
        let world = self.world();
        let authorization = world.authorization(&client_id, org);
        authorization.map_or(0, |it| world.tokens.live(&it.machine, self.now()))
    }

    /// The client id behind a client id or an application id.
    pub(crate) fn client_id(&self, app: &str) -> String {
        let world = self.world();
        let known = world.app(app).map(|app| app.client_id.clone());
        known.unwrap_or_else(|_| app.to_owned())
    }
}
