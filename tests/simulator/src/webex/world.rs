//! The state of the simulated Webex.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::Timestamp;

use super::authorization_code::AuthorizationCode;
use super::data_sources::DataSource;
use super::device::Device;
use super::error::{WebexError, WebexResult};
use super::messages::Message;
use super::portal::Role;
use super::random;
use super::registration::Registration;
use super::tokens::{Holder, TokenStore};
use super::{Settings, ids};

/// Everything that Webex stores.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) rng: Rng,
    /// By name.
    pub(crate) users: BTreeMap<String, User>,
    /// By client id.
    pub(crate) apps: BTreeMap<String, App>,
    /// The names of customer orgs, by bare id.
    pub(crate) orgs: BTreeMap<String, String>,
    /// By client id and bare org id.
    pub(crate) authorizations: BTreeMap<(String, String), Authorization>,
    pub(crate) tokens: TokenStore,
    pub(crate) codes: BTreeMap<String, AuthorizationCode>,
    /// The names of signed-in users, by session cookie.
    pub(crate) sessions: BTreeMap<String, String>,
    /// By device code.
    pub(crate) devices: BTreeMap<String, Device>,
    /// By bare id.
    pub(crate) registrations: BTreeMap<String, Registration>,
    /// By id.
    pub(crate) data_sources: BTreeMap<String, DataSource>,
    /// In order.
    pub(crate) messages: Vec<Message>,
}

/// A person.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// The type of a registered client.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ClientType {
    Integration { redirect_uri: String },
    ServiceApp,
}

/// A registered client.
#[derive(Clone)]
pub(crate) struct App {
    /// The name of the developer.
    pub(crate) owner: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) application_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) client_type: ClientType,
}

/// An org's authorisation of a Service App.
#[derive(Clone)]
pub(crate) struct Authorization {
    /// The id of the machine account created for it.
    pub(crate) machine: String,
    pub(crate) since: Timestamp,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            settings: Settings::default(),
            rng: Rng::with_seed(seed),
            users: BTreeMap::new(),
            apps: BTreeMap::new(),
            orgs: BTreeMap::new(),
            authorizations: BTreeMap::new(),
            tokens: TokenStore::default(),
            codes: BTreeMap::new(),
            sessions: BTreeMap::new(),
            devices: BTreeMap::new(),
            registrations: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            messages: Vec::new(),
        }
    }

    /// The user called `name`; an unknown user is created with an org of their own.
    pub(crate) fn user(&mut self, name: &str) -> User {
        if let Some(user) = self.users.get(name) {
            return user.clone();
        }
        let user = User {
            id: random::uuid(&mut self.rng),
            org: random::uuid(&mut self.rng),
            name: name.to_owned(),
            role: Role::FullAdmin,
        };
        self.users.insert(name.to_owned(), user.clone());
        user
    }

    pub(crate) fn register(&mut self, owner: &str, scopes: &[&str], client_type: ClientType) -> App {
        self.user(owner);
        let client_id = format!("C{}", random::hex(&mut self.rng, 64));
        let app = App {
            owner: owner.to_owned(),
            client_secret: random::hex(&mut self.rng, 64),
            application_id: ids::application_id(&client_id),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            client_type,
            client_id: client_id.clone(),
        };
        self.apps.insert(client_id, app.clone());
        app
    }

    /// The app with this client id or application id.
    pub(crate) fn app(&self, id: &str) -> WebexResult<&App> {
        if let Some(app) = self.apps.get(id) {
            return Ok(app);
        }
        let app = self.apps.values().find(|app| ids::same(&app.application_id, id));
        app.ok_or_else(WebexError::not_found)
    }

    pub(crate) fn authorization(&self, client_id: &str, org: &str) -> Option<&Authorization> {
        self.authorizations.get(&authorization_key(client_id, org))
    }

    /// Creates the machine account, unless the org has authorised the app already.
    pub(crate) fn authorize(&mut self, client_id: &str, org: &str, now: Timestamp) {
        let key = authorization_key(client_id, org);
        let machine = random::uuid(&mut self.rng);
        let authorization = Authorization { machine, since: now };
        self.authorizations.entry(key).or_insert(authorization);
    }

    /// Deletes the machine account with all its tokens; `None` if the org has not authorised the app.
    pub(crate) fn deauthorize(&mut self, client_id: &str, org: &str) -> Option<Authorization> {
        let authorization = self.authorizations.remove(&authorization_key(client_id, org))?;
        self.tokens.remove_account(&authorization.machine);
        let org = ids::bare_org(org);
        self.data_sources.retain(|_, found| found.org != org || found.client_id != client_id);
        Some(authorization)
    }

    /// The machine account of `app` in `org`, as the holder of tokens; 403 if the org has not authorised the app.
    pub(crate) fn machine(&self, app: &App, org: &str) -> WebexResult<Holder> {
        let Some(authorization) = self.authorization(&app.client_id, org) else {
            return Err(WebexError::not_authorized());
        };
        Ok(Holder {
            account: authorization.machine.clone(),
            user: None,
            org: org.to_owned(),
            client: Some(app.client_id.clone()),
        })
    }
}

fn authorization_key(client_id: &str, org: &str) -> (String, String) {
    (client_id.to_owned(), ids::bare_org(org))
}
