//! The portal: people, orgs, apps and their webhooks.

use std::fmt;

use super::hooks::Hook;
use super::world::{Kind, User};
use super::{Developer, IntegrationCredentials, ServiceAppCredentials, Webex, ids, random};

/// What a user may grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    FullAdmin,
    /// Nothing of the organisation's.
    Standard,
}

/// A webhook registration, without its secret's being printed.
#[derive(Clone)]
pub struct RegisteredWebhook {
    /// In base64.
    pub id: String,
    /// The name given.
    pub name: String,
    /// Where deliveries go.
    pub target_url: String,
    /// `serviceApp`
    pub resource: String,
    /// `authorized` or `deauthorized`
    pub event: String,
    /// `id=<applicationId>`
    pub filter: Option<String>,
    /// What deliveries are signed with.
    pub secret: Option<String>,
    /// Whether deliveries are made.
    pub active: bool,
    /// The name of the creating user.
    pub created_by: String,
}

impl Webex {
    /// A developer with an org of their own; the same one for the same name.
    pub fn add_developer(&self, name: &str) -> Developer {
        let user = self.world().user(name);
        Developer { person_id: ids::encode("PEOPLE", &user.id), name: user.name, org: user.org }
    }

    /// A user with an org of their own; one who is known gets the role.
    pub fn add_user(&self, name: &str, role: Role) {
        let world = &mut *self.world();
        let user = world.user(name);
        world.users.insert(name.to_owned(), User { role, ..user });
    }

    /// Deletes a user: their tokens die and no webhook of theirs is served any more.
    pub fn delete_user(&self, name: &str) {
        let mut world = self.world();
        if let Some(user) = world.users.remove(name) {
            world.tokens.forget(&user.id);
            world.hooks.retain(|_, hook| hook.creator.user != name);
        }
    }

    /// Registers an Integration of `owner`, who is added if unknown.
    pub fn register_integration(&self, owner: &str, scopes: &[&str], redirect_uri: &str) -> IntegrationCredentials {
        let kind = Kind::Integration { redirect_uri: redirect_uri.to_owned() };
        let app = self.world().register(owner, scopes, kind);
        IntegrationCredentials {
            client_id: app.client_id,
            client_secret: app.client_secret,
            application_id: app.application_id,
            redirect_uri: redirect_uri.to_owned(),
        }
    }

    /// Registers a Service App of `owner`, who is added if unknown.
    pub fn register_service_app(&self, owner: &str, scopes: &[&str]) -> ServiceAppCredentials {
        let app = self.world().register(owner, scopes, Kind::ServiceApp);
        ServiceAppCredentials {
            client_id: app.client_id,
            client_secret: app.client_secret,
            application_id: app.application_id,
        }
    }

    /// A new client secret; the old one is revoked at once. `None` if there is no such app.
    pub fn regenerate_secret(&self, app: impl AsRef<str>) -> Option<String> {
        let world = &mut *self.world();
        let app = world.apps.get_mut(app.as_ref())?;
        app.client_secret = random::hex(&mut world.rng, 64);
        Some(app.client_secret.clone())
    }

    /// A customer org: its bare lower-case UUID.
    pub fn add_org(&self, name: &str) -> String {
        let mut world = self.world();
        let org = random::uuid(&mut world.rng);
        world.orgs.insert(org.clone(), name.to_owned());
        org
    }

    /// All registered webhooks.
    pub fn registered_webhooks(&self) -> Vec<RegisteredWebhook> {
        let world = self.world();
        world.hooks.values().map(RegisteredWebhook::of).collect()
    }
}

impl RegisteredWebhook {
    fn of(hook: &Hook) -> Self {
        Self {
            id: ids::encode("WEBHOOK", &hook.id),
            name: hook.name.clone(),
            target_url: hook.target_url.clone(),
            resource: hook.resource.clone(),
            event: hook.event.clone(),
            filter: hook.filter.clone(),
            secret: hook.secret.clone(),
            active: hook.active,
            created_by: hook.creator.user.clone(),
        }
    }
}

impl fmt::Debug for RegisteredWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisteredWebhook")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("event", &self.event)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}
