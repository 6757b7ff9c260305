//! What the developer portal and Control Hub do: users, orgs, apps and their webhooks.

use std::fmt;

use super::registration::Registration;
use super::world::{ClientType, User};
use super::{Developer, IntegrationCredentials, ServiceAppCredentials, Webex, ids, random};

/// What a user can grant to an Integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// All scopes.
    FullAdmin,
    /// No scopes that need an administrator.
    Standard,
}

/// A registered webhook; `Debug` omits the secret.
#[derive(Clone)]
pub struct RegisteredWebhook {
    /// The id, in base64.
    pub id: String,
    /// The name given by its creator.
    pub name: String,
    /// The URL that deliveries are posted to.
    pub target_url: String,
    /// `serviceApp`
    pub resource: String,
    /// `authorized` or `deauthorized`
    pub event: String,
    /// `id=<applicationId>`
    pub filter: Option<String>,
    /// The secret that deliveries are signed with.
    pub secret: Option<String>,
    /// Whether Webex delivers to it.
    pub active: bool,
    /// The name of the creating user.
    pub created_by: String,
}

impl Webex {
    /// Adds a developer with an org of their own; returns the existing one if the name is known.
    pub fn add_developer(&self, name: &str) -> Developer {
        let user = self.world().user(name);
        Developer { person_id: ids::encode("PEOPLE", &user.id), name: user.name, org: user.org }
    }

    /// Adds a user with an org of their own, or gives a known user this role.
    pub fn add_user(&self, name: &str, role: Role) {
        let world = &mut *self.world();
        let user = world.user(name);
        world.users.insert(name.to_owned(), User { role, ..user });
    }

    /// Adds a user of the org with this bare id, or moves a known user there.
    pub fn add_user_of(&self, org: &str, name: &str, role: Role) {
        let world = &mut *self.world();
        let user = world.user(name);
        world.users.insert(name.to_owned(), User { role, org: org.to_owned(), ..user });
    }

    /// Deletes a user with their tokens and webhooks.
    pub fn delete_user(&self, name: &str) {
        let mut world = self.world();
        if let Some(user) = world.users.remove(name) {
            world.tokens.remove_account(&user.id);
            world.registrations.retain(|_, registration| registration.creator.user != name);
        }
    }

    /// Registers an Integration of `owner`; an unknown owner is added.
    pub fn register_integration(&self, owner: &str, scopes: &[&str], redirect_uri: &str) -> IntegrationCredentials {
        let client_type = ClientType::Integration { redirect_uri: redirect_uri.to_owned() };
        let app = self.world().register(owner, scopes, client_type);
        IntegrationCredentials {
            client_id: app.client_id,
            client_secret: app.client_secret,
            application_id: app.application_id,
            redirect_uri: redirect_uri.to_owned(),
        }
    }

    /// Registers a Service App of `owner`; an unknown owner is added.
    pub fn register_service_app(&self, owner: &str, scopes: &[&str]) -> ServiceAppCredentials {
        let app = self.world().register(owner, scopes, ClientType::ServiceApp);
        ServiceAppCredentials {
            client_id: app.client_id,
            client_secret: app.client_secret,
            application_id: app.application_id,
        }
    }

    /// Replaces the client secret; the old one stops working at once. `None` if there is no such app.
    pub fn regenerate_secret(&self, app: impl AsRef<str>) -> Option<String> {
        let world = &mut *self.world();
        let app = world.apps.get_mut(app.as_ref())?;
        app.client_secret = random::hex(&mut world.rng, 64);
        Some(app.client_secret.clone())
    }

    /// Adds a customer org and returns its bare lower-case UUID.
    pub fn add_org(&self, name: &str) -> String {
        let mut world = self.world();
        let org = random::uuid(&mut world.rng);
        world.orgs.insert(org.clone(), name.to_owned());
        org
    }

    /// All registered webhooks.
    pub fn registered_webhooks(&self) -> Vec<RegisteredWebhook> {
        let world = self.world();
        world.registrations.values().map(RegisteredWebhook::of).collect()
    }
}

impl RegisteredWebhook {
    fn of(registration: &Registration) -> Self {
        Self {
            id: ids::encode("WEBHOOK", &registration.id),
            name: registration.name.clone(),
            target_url: registration.target_url.clone(),
            resource: registration.resource.clone(),
            event: registration.event.clone(),
            filter: registration.filter.clone(),
            secret: registration.secret.clone(),
            active: registration.active,
            created_by: registration.creator.user.clone(),
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
