//! Who has consented to what.

use super::codes::Code;
use super::world::World;
use super::{Challenge, Change, Event, Tokens, Webex, ids, random};
use crate::clock::later;

impl World {
    /// A code that stands for this consent.
    pub(crate) fn issue_code(&mut self, waiting: Code) -> String {
        let code = random::hex(&mut self.rng, 64);
        self.codes.insert(code.clone(), waiting);
        code
    }
}

impl Webex {
    /// The org's administrator authorises the app; gives what Webex would tell its webhooks.
    ///
    /// An org that has authorised the app already stays as it is.
    pub fn authorize(&self, app: impl AsRef<str>, org: &str) -> Event {
        let client_id = self.client_id(app.as_ref());
        self.world().authorize(&client_id, org, self.now());
        self.event(Change::Authorized, client_id, org)
    }

    /// The org takes it back: the machine account and all its tokens are gone.
    pub fn deauthorize(&self, app: impl AsRef<str>, org: &str) -> Event {
        let client_id = self.client_id(app.as_ref());
        let told = self.event(Change::Deauthorized, &client_id, org);
        self.world().deauthorize(&client_id, org);
        told
    }

    /// An event about the present state, without changing it: a forgery, a replay, or Webex ahead of itself.
    pub fn event(&self, change: Change, app: impl AsRef<str>, org: &str) -> Event {
        let client_id = self.client_id(app.as_ref());
        let world = &mut *self.world();
        let application_id = world.app(&client_id).map(|app| app.application_id.clone());
        let owner = world.app(&client_id).map(|app| app.owner.clone());
        let developer = world.user(&owner.unwrap_or_default());
        let authorization = world.authorization(&client_id, org);
        Event {
            change,
            application_id: application_id.unwrap_or_else(|_| ids::application_id(&client_id)),
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

    /// What the browser flow would give: a pair of `user` for an Integration, with all scopes that it registered.
    pub fn grant_integration(&self, app: impl AsRef<str>, user: &str) -> anyhow::Result<Tokens> {
        let now = self.now();
        let client_id = self.client_id(app.as_ref());
        let mut world = self.world();
        let app = world.apps.get(&client_id);
        let scopes = app.map(|app| app.scopes.clone());
        let scopes = scopes.ok_or_else(|| anyhow::anyhow!("no integration {client_id}"))?;
        let pair = world.consented(&client_id, user, scopes, now);
        let pair = pair.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
        Ok(Tokens::of(pair, now))
    }

    /// A code as Webex would send it to `redirect_uri`: single use, for `POST /access_token`.
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
        let waiting = Code {
            client_id,
            user: user.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            expires_at: later(self.now(), world.settings.code_lifetime),
        };
        world.issue_code(waiting)
    }
}
