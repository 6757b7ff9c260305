//! A test's view of the tokens that Webex has issued.

use jiff::SignedDuration;

use super::tokens::{AccessToken, Holder};
use super::{Webex, random};
use crate::clock::later;

/// The lifetime of a personal access token (section 1).
const PERSONAL_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

impl Webex {
    /// Issues the token that the portal lets a developer copy: it lives for 12 hours and has no refresh token.
    pub fn personal_access_token(&self, developer: &str) -> String {
        let expires_at = later(self.now(), PERSONAL_LIFETIME);
        let mut world = self.world();
        let user = world.user(developer);
        let shape = world.settings.token_shape;
        let token = random::token(&mut world.rng, shape, &user.org);
        let holder = Holder { account: user.id, user: Some(user.name), org: user.org, client: None };
        let access = AccessToken { holder, scopes: None, expires_at };
        world.tokens.insert(token.clone(), access);
        token
    }

    /// Whether Webex would accept this access token now.
    pub fn is_alive(&self, access_token: &str) -> bool {
        self.world().tokens.access(access_token, self.now()).is_some()
    }

    /// Whether Webex would accept this refresh token now.
    pub fn is_refresh_alive(&self, refresh_token: &str) -> bool {
        self.world().tokens.is_refresh_alive(refresh_token, self.now())
    }

    /// Revokes one token, access or refresh, before it expires; false if there is no such token.
    pub fn kill(&self, token: &str) -> bool {
        self.world().tokens.remove(token)
    }

    /// The number of live access tokens of the machine account of `app` in `org`.
    pub fn live_tokens(&self, app: impl AsRef<str>, org: &str) -> usize {
        let client_id = self.client_id(app.as_ref());
        let world = self.world();
        match world.authorization(&client_id, org) {
            Some(authorization) => world.tokens.live_count(&authorization.machine, self.now()),
            None => 0,
        }
    }

    /// The client id of a client id or an application id; an unknown id is returned as it is.
    pub(crate) fn client_id(&self, app: &str) -> String {
        match self.world().app(app) {
            Ok(app) => app.client_id.clone(),
            Err(_) => app.to_owned(),
        }
    }
}
