//! Everything that Webex knows.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::Timestamp;

use super::codes::Code;
use super::device::Device;
use super::hooks::Hook;
use super::problem::{Outcome, Problem};
use super::random;
use super::registry::Role;
use super::tokens::{Holder, Tokens};
use super::{Settings, ids};

/// The state behind the lock.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) rng: Rng,
    /// By name.
    pub(crate) users: BTreeMap<String, User>,
    /// By client id.
    pub(crate) apps: BTreeMap<String, App>,
    /// Bare ids.
    pub(crate) orgs: BTreeMap<String, String>,
    /// By client id and bare org.
    pub(crate) authorizations: BTreeMap<(String, String), Authorization>,
    pub(crate) tokens: Tokens,
    pub(crate) codes: BTreeMap<String, Code>,
    /// Who is signed in, by session cookie.
    pub(crate) sessions: BTreeMap<String, String>,
    /// By device code.
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) hooks: BTreeMap<String, Hook>,
}

/// A person.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// What kind of client an app is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
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
    pub(crate) kind: Kind,
}

/// An org's consent to a Service App.
#[derive(Clone)]
pub(crate) struct Authorization {
    /// The machine account made for it.
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
            tokens: Tokens::default(),
            codes: BTreeMap::new(),
            sessions: BTreeMap::new(),
            devices: BTreeMap::new(),
            hooks: BTreeMap::new(),
        }
    }

    /// The user called `name`, made with an org of their own at the first mention.
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

    pub(crate) fn register(&mut self, owner: &str, scopes: &[&str], kind: Kind) -> App {
        self.user(owner);
        let client_id = format!("C{}", random::hex(&mut self.rng, 64));
        let app = App {
            owner: owner.to_owned(),
            client_secret: random::hex(&mut self.rng, 64),
            application_id: ids::application_id(&client_id),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            kind,
            client_id: client_id.clone(),
        };
        self.apps.insert(client_id, app.clone());
        app
    }

    /// The app with this client id or application id.
    pub(crate) fn app(&self, id: &str) -> Outcome<&App> {
        let found = self.apps.get(id);
        let mut apps = self.apps.values();
        found.or_else(|| apps.find(|app| ids::same(&app.application_id, id))).ok_or_else(Problem::not_found)
    }

    pub(crate) fn authorization(&self, client_id: &str, org: &str) -> Option<&Authorization> {
        self.authorizations.get(&consent(client_id, org))
    }

    /// Makes the machine account, unless the org has authorised the app already.
    pub(crate) fn authorize(&mut self, client_id: &str, org: &str, now: Timestamp) {
        let key = consent(client_id, org);
        let machine = random::uuid(&mut self.rng);
        let authorization = Authorization { machine, since: now };
        self.authorizations.entry(key).or_insert(authorization);
    }

    /// Deletes the machine account with all its tokens.
    pub(crate) fn deauthorize(&mut self, client_id: &str, org: &str) -> Option<Authorization> {
        let gone = self.authorizations.remove(&consent(client_id, org))?;
        self.tokens.forget(&gone.machine);
        Some(gone)
    }

    /// The machine account of `app` in `org`, as the holder of tokens.
    pub(crate) fn machine(&self, app: &App, org: &str) -> Outcome<Holder> {
        let authorization = self.authorization(&app.client_id, org);
        let authorization = authorization.ok_or_else(Problem::not_authorized)?;
        Ok(Holder {
            account: authorization.machine.clone(),
            user: None,
            org: org.to_owned(),
            client: Some(app.client_id.clone()),
        })
    }
}

/// Where an org's consent is kept, whatever form the org's id comes in.
fn consent(client_id: &str, org: &str) -> (String, String) {
    (client_id.to_owned(), ids::bare_org(org))
}
