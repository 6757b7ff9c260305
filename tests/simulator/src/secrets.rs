//! AWS Secrets Manager: the operations in use, with versions and staging labels as AWS documents them.

mod batch;
mod direct_access;
mod error;
mod fault;
mod filter;
mod lifecycle;
mod list;
mod operation;
mod paging;
mod quotas;
mod secret;
mod service;
mod stages;
mod store;
mod values;
mod versions;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::SignedDuration;

pub use direct_access::VersionView;
pub use fault::Fault;
pub use operation::Operation;
pub use quotas::Quotas;

use crate::clock::Clock;
use crate::transport::{self, Loopback, Server, lock};
use quotas::RateLimiter;
use service::SecretsService;
use store::Store;

/// The faults of Secrets Manager.
pub type Faults = transport::Faults<Operation, Fault>;
/// The requests that Secrets Manager has received.
pub type Journal = transport::Journal<Operation>;

/// A handle to the simulated Secrets Manager. Clones control the same store.
#[derive(Clone)]
pub struct SecretsManager {
    service: Arc<SecretsService>,
    endpoint_url: String,
}

impl SecretsManager {
    pub(crate) async fn start(port: Option<u16>, clock: Clock, seed: u64) -> anyhow::Result<(Self, Server)> {
        let listener = Loopback::bind(port).await?;
        let secrets = Self {
            endpoint_url: format!("http://{}", listener.address()),
            service: Arc::new(SecretsService {
                store: Mutex::new(Store::new(seed)),
                rate_limiter: Mutex::new(RateLimiter::default()),
                clock,
                faults: Faults::default(),
                journal: Journal::default(),
            }),
        };
        let server = Server::spawn(listener, Arc::clone(&secrets.service));
        Ok((secrets, server))
    }

    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    pub fn endpoint_url(&self) -> String {
        self.endpoint_url.clone()
    }

    /// The requests received so far, with their statuses.
    pub fn journal(&self) -> Journal {
        self.service.journal.clone()
    }

    /// The faults to plan.
    pub fn faults(&self) -> Faults {
        self.service.faults.clone()
    }

    /// Limits the rate of requests; `None`, the default, removes the limit.
    pub fn quotas(&self, quotas: Option<Quotas>) {
        lock(&self.service.rate_limiter).set(quotas);
    }

    /// Sets how many versions a secret may have before a write fails with `LimitExceededException`. The default is 100, as
    /// in AWS, where versions without labels are removed once they are 24 hours old.
    pub fn version_quota(&self, versions: usize) {
        self.store().version_quota = versions;
    }

    /// Sets the age below which lists and filtered batch reads miss a secret (AWS: up to five minutes). The default is
    /// zero.
    pub fn list_staleness(&self, age: SignedDuration) {
        self.store().list_staleness = age;
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.service.store)
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.service.clock.now()
    }
}

impl fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("SecretsManager");
        fields.field("endpoint_url", &self.endpoint_url).finish_non_exhaustive()
    }
}

impl Journal {
    /// The number of requests for operations that write.
    pub fn writes(&self) -> usize {
        self.select(|entry| entry.operation.is_write()).len()
    }
}
