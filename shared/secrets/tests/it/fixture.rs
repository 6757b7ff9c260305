//! A store with a prefix of its own, and direct access to its secrets.

use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Builder, Credentials, Region};
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId};
use broker_core::pair::Pair;
use broker_core::port::{Found, GrantsPage, GrantsPart, Scan, Store as _, StoreError, Stored};
use broker_core::token::{AccessToken, RefreshToken};
use jiff::{SignedDuration, Timestamp};
use secrets::SecretsManagerStore;
use simulator::{Options, Simulator};

/// Part of every token in these tests. It must appear in no error and no `Debug` output.
pub(crate) const CANARY: &str = "canary";

/// The system's clock, because the tests use sockets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RealClock;

impl Clock for RealClock {
    #[expect(clippy::disallowed_methods, reason = "this crate does not depend on lambda_kit::clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: SignedDuration) {
        tokio::time::sleep(duration.unsigned_abs()).await;
    }
}

/// A clock that moves when a test moves it, and when someone sleeps on it.
#[derive(Debug, Clone)]
pub(crate) struct SteppedClock(Arc<Mutex<Timestamp>>);

impl SteppedClock {
    /// Starts at the last full minute, so that no test begins just before the end of a time window.
    pub(crate) fn at_full_minute() -> Self {
        let now = RealClock.now();
        let minute = now - SignedDuration::from_secs(now.as_second().rem_euclid(60));
        Self(Arc::new(Mutex::new(minute)))
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.advance(duration);
    }
}

/// One deployment: a prefix that no other test uses.
#[derive(Debug, Clone)]
pub(crate) struct SecretsFixture {
    pub(crate) store: SecretsManagerStore<RealClock>,
    /// The SDK's client for the same secrets.
    pub(crate) raw: Client,
    pub(crate) prefix: String,
}

impl SecretsFixture {
    pub(crate) fn at(endpoint_url: &str, name: &str) -> Self {
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint_url);
        let raw = secrets::client(config);
        let prefix = format!("{name}/");
        Self { store: SecretsManagerStore::new(raw.clone(), prefix.clone(), RealClock), raw, prefix }
    }

    /// The same deployment in another process: only the secrets are shared.
    pub(crate) fn another(&self) -> Self {
        Self { store: SecretsManagerStore::new(self.raw.clone(), self.prefix.clone(), RealClock), ..self.clone() }
    }

    /// Stores any text under a name, as an operator would.
    pub(crate) async fn seed(&self, name: &str, text: &str) {
        let call = self.raw.create_secret().name(format!("{}{name}", self.prefix));
        call.secret_string(text).send().await.unwrap();
    }

    /// Creates a record and returns it as stored.
    pub(crate) async fn created(&self, grant: Grant) -> Stored {
        let version = self.store.create(&grant, soon()).await.unwrap();
        Stored { grant, version }
    }

    /// Creates an active record and revokes it, as a sweep does.
    pub(crate) async fn created_and_revoked(&self, name: &str) -> Stored {
        let active = self.created(active(name, "revoked")).await;
        let grant = revoked(name);
        let version = self.store.replace(&grant, &active.version, soon()).await.unwrap();
        Stored { grant, version }
    }

    /// The record, which must be live.
    pub(crate) async fn live(&self, id: &GrantId) -> Stored {
        match self.store.load(id).await.unwrap() {
            Found::Live(stored) => *stored,
            other => panic!("{id} is {other:?}"),
        }
    }
}

/// The simulator on free ports.
pub(crate) async fn simulator() -> Simulator {
    Simulator::start(Options::new(simulator::Clock::system())).await.unwrap()
}

/// A deadline that a healthy store easily meets.
pub(crate) fn soon() -> Deadline {
    Deadline::at(RealClock.now() + SignedDuration::from_secs(20))
}

pub(crate) fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

pub(crate) fn id(text: &str) -> GrantId {
    GrantId::parse(text).unwrap()
}

/// An active record whose tokens contain `token`.
pub(crate) fn active(text: &str, token: &str) -> Grant {
    let mut grant = Grant::pending(id(text), None);
    grant.state = State::Active;
    grant.pair = Some(Pair {
        access_token: AccessToken::new(format!("{CANARY}-{token}")),
        access_token_expires_at: "2026-12-05T12:00:00Z".parse().unwrap(),
        refresh_token: Some(RefreshToken::new(format!("{CANARY}-refresh-{token}"))),
        refresh_token_expires_at: None,
        scope: Some("a b".into()),
    });
    grant
}

/// A record without tokens that may be retired.
pub(crate) fn revoked(text: &str) -> Grant {
    let mut grant = Grant::pending(id(text), None);
    grant.state = State::Revoked;
    grant
}

/// The `token` that [`active`] put into a record.
pub(crate) fn token(stored: &Stored) -> &str {
    let pair = stored.grant.pair.as_ref().unwrap();
    pair.access_token.expose().strip_prefix("canary-").unwrap()
}

/// All grants of the store.
pub(crate) async fn all_grants<C: Clock>(
    store: &SecretsManagerStore<C>,
    deadline: Deadline,
) -> Result<Scan<Stored>, StoreError> {
    let mut scan = Scan { items: Vec::new(), unreadable: Vec::new(), cut_short: None };
    let mut see = |page: GrantsPage| {
        scan.items.extend(page.grants);
        scan.unreadable.extend(page.unreadable);
    };
    let cut_short = store.list_grants(&GrantsPart::All, &mut see, deadline).await?;
    Ok(Scan { cut_short, ..scan })
}
