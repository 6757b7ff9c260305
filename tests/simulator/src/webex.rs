//! Webex as `webex-api.md` describes it: a platform on loopback, and a handle with which a test controls it.

mod authorization_code;
mod authorizations;
mod authorize;
mod caller;
mod credentials;
mod data_sources;
mod delivery;
mod device;
mod dispatch;
mod endpoint;
mod error;
mod event;
mod fault;
mod foreign;
mod identity;
pub mod ids;
mod issued_tokens;
mod messages;
mod mint;
mod oauth;
mod pages;
mod portal;
mod random;
mod registration;
mod service;
mod settings;
mod tokens;
mod webhooks;
mod world;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::SignedDuration;

pub use authorization_code::Challenge;
pub use credentials::{Developer, IntegrationCredentials, ServiceAppCredentials, Tokens};
pub use data_sources::DataSource;
pub use delivery::Delivery;
pub use dispatch::Delivered;
pub use endpoint::Endpoint;
pub use event::{Change, Event};
pub use fault::Fault;
pub use foreign::ForeignBody;
pub use messages::Message;
pub use portal::{RegisteredWebhook, Role};
pub use settings::{OAuthErrors, Rotation, Settings, TokenShape};

use crate::clock::Clock;
use crate::transport::{self, Loopback, Server, lock};
use service::Platform;
use world::World;

/// The faults of Webex.
pub type Faults = transport::Faults<Endpoint, Fault>;
/// The requests that Webex has received.
pub type Journal = transport::Journal<Endpoint>;

/// A handle to the simulated Webex. Clones control the same platform.
#[derive(Clone)]
pub struct Webex {
    platform: Arc<Platform>,
    base_url: String,
}

impl Webex {
    pub(crate) async fn start(port: Option<u16>, clock: Clock, seed: u64) -> anyhow::Result<(Self, Server)> {
        let listener = Loopback::bind(port).await?;
        let webex = Self {
            base_url: format!("http://{}/v1", listener.address()),
            platform: Arc::new(Platform {
                world: Mutex::new(World::new(seed)),
                clock,
                faults: Faults::default(),
                journal: Journal::default(),
            }),
        };
        let server = Server::spawn(listener, Arc::clone(&webex.platform));
        Ok((webex, server))
    }

    /// `http://127.0.0.1:PORT/v1`
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// The requests received so far, with their statuses.
    pub fn journal(&self) -> Journal {
        self.platform.journal.clone()
    }

    /// The faults to plan.
    pub fn faults(&self) -> Faults {
        self.platform.faults.clone()
    }

    /// Changes the platform's behaviour from now on.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.world().settings);
    }

    /// Sets what a refresh does to the refresh token.
    pub fn rotation(&self, rotation: Rotation) {
        self.configure(|settings| settings.rotation = rotation);
    }

    /// Sets the lifetimes of the tokens that are issued from now on.
    pub fn lifetimes(&self, access: SignedDuration, refresh: SignedDuration) {
        self.configure(|settings| {
            settings.access_lifetime = access;
            settings.refresh_lifetime = refresh;
        });
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.platform.world)
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.platform.clock.now()
    }
}

impl fmt::Debug for Webex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Webex");
        fields.field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Journal {
    /// The number of refreshes asked for.
    pub fn refreshes(&self) -> usize {
        self.count(Endpoint::Refresh)
    }

    /// The number of mints asked for this org, whose id may have any form.
    pub fn mints(&self, org: &str) -> usize {
        let org = ids::parse_org(org);
        self.select(|entry| entry.operation == Endpoint::Mint && entry.field("org") == org.as_deref()).len()
    }
}
