//! AWS Secrets Manager: the operations in use, with real versions and stages.

mod batch;
mod fault;
mod filter;
mod lifecycle;
mod list;
mod operation;
mod paging;
mod quotas;
mod refusal;
mod secret;
mod seeding;
mod service;
mod stages;
mod store;
mod values;
mod versions;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::SignedDuration;

pub use fault::Fault;
pub use operation::Operation;
pub use quotas::Quotas;
pub use seeding::VersionView;

use crate::clock::Clock;
use crate::transport::{self, Loopback, Server, lock};
use quotas::Meter;
use service::Vault;
use store::Store;

/// The faults of Secrets Manager.
pub type Faults = transport::Faults<Operation, Fault>;
/// The requests that Secrets Manager has received.
pub type Journal = transport::Journal<Operation>;

/// A handle to the simulated Secrets Manager. Clones rule the same store.
#[derive(Clone)]
pub struct SecretsManager {
    vault: Arc<Vault>,
    endpoint_url: String,
}

impl SecretsManager {
    pub(crate) async fn start(port: Option<u16>, clock: Clock, seed: u64) -> anyhow::Result<(Self, Server)> {
        let listener = Loopback::bind(port).await?;
        let secrets = Self {
            endpoint_url: format!("http://{}", listener.address()),
            vault: Arc::new(Vault {
                store: Mutex::new(Store::new(seed)),
                meter: Mutex::new(Meter::default()),
                clock,
                faults: Faults::default(),
                journal: Journal::default(),
            }),
        };
        let server = Server::spawn(listener, Arc::clone(&secrets.vault));
        Ok((secrets, server))
    }

    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    pub fn endpoint_url(&self) -> String {
        self.endpoint_url.clone()
    }

    /// What has been asked and answered.
    pub fn journal(&self) -> Journal {
        self.vault.journal.clone()
    }

    /// What is to go wrong.
    pub fn faults(&self) -> Faults {
        self.vault.faults.clone()
    }

    /// Limits the rate of requests, or no longer; off at the start.
    pub fn quotas(&self, quotas: Option<Quotas>) {
        lock(&self.vault.meter).set(quotas);
    }

    /// How many versions a secret may have before `LimitExceededException`: 100 at the start, as in AWS.
    pub fn version_quota(&self, versions: usize) {
        self.store().version_quota = versions;
    }

    /// Lists and filtered batch reads miss secrets that are younger than this (AWS: up to five minutes). Zero at the
    /// start.
    pub fn list_staleness(&self, age: SignedDuration) {
        self.store().list_staleness = age;
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.vault.store)
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.vault.clock.now()
    }
}

impl fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("SecretsManager");
        fields.field("endpoint_url", &self.endpoint_url).finish_non_exhaustive()
    }
}

impl Journal {
    /// How many requests would have written something.
    pub fn writes(&self) -> usize {
        self.select(|entry| entry.operation.is_write()).len()
    }
}
