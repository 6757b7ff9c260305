//! Webex, AWS Secrets Manager and Amazon EventBridge on loopback, with faults.
//!
//! The simulator is written from their documents and shares no type with the rest of the workspace, so that a
//! misreading in our client makes a test fail. Tests embed it; the local runner (`cargo local`) keeps it running.
//!
//! # A tour
//! - [`Simulator::start`] binds three ports on 127.0.0.1 and returns a handle to each service.
//! - [`Webex`] is the platform and its portal. Prepare it with [`Webex::register_service_app`], [`Webex::add_org`],
//!   [`Webex::authorize`] and [`Webex::grant_integration`]; inspect it with [`Webex::is_alive`], [`Webex::live_tokens`]
//!   and [`Webex::registered_webhooks`]. [`webex::Settings`] has a switch for what the public sources leave open.
//! - Each authorisation and its withdrawal returns a [`webex::Event`]. [`Webex::deliver`] posts it to the registered
//!   webhooks; [`webex::Event::signed`] makes the request for a test to post, repeat, reorder or lose.
//! - [`SecretsManager`] stores versions under labels as AWS does, compare-and-swap and quotas included.
//!   [`SecretsManager::put_json`] and [`SecretsManager::current_json`] bypass HTTP.
//! - [`EventBridge`] takes events and keeps them: [`EventBridge::taken`].
//! - Each has a [`Journal`] of requests and statuses, and [`Faults`]: an outage, a fault for the next requests or for
//!   all requests of one operation, and a [`Gate`] that holds requests before or after their effect.
//!   [`webex::Fault::Foreign`] is an answer that does not come from Webex, such as a CDN's block page.
//! - [`lambda::RuntimeApi`] is Lambda's Runtime API, for tests that run a function as a process.
//! - [`Clock`] is the time of all. Tokens expire when a test calls [`Clock::advance`].
//!
//! # Inside
//! Every endpoint is a synchronous function from state and request to response. `transport` holds everything else: the
//! listener, and the handling of journal, outages, gates and faults. An endpoint is added in `webex/endpoint.rs` and
//! `webex/service.rs`, an operation in `secrets/operation.rs` and `secrets/service.rs`.
//!
//! ```
//! use simulator::{Clock, Options, Simulator};
//!
//! # async fn tour() -> anyhow::Result<()> {
//! let simulator = Simulator::start(Options::new(Clock::system())).await?;
//! let webex = &simulator.webex;
//! let app = webex.register_service_app("ada", &["spark:people_read"]);
//! let org = webex.add_org("customer");
//! let event = webex.authorize(&app, &org);
//! let delivery = event.signed("the webhook's secret");
//! assert_eq!(delivery.post("http://127.0.0.1:9000/webhooks/reports").await?, 202);
//! # Ok(())
//! # }
//! ```

mod clock;
pub mod events;
pub mod lambda;
pub mod secrets;
mod transport;
pub mod webex;

pub use clock::Clock;
pub use events::EventBridge;
pub use secrets::SecretsManager;
pub use transport::{Entry, Faults, Gate, Journal, Point, Unconsumed};
pub use webex::Webex;

use transport::Server;

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of Webex; `None` takes any free port.
    pub webex_port: Option<u16>,
    /// The port of Secrets Manager; `None` takes any free port.
    pub secrets_port: Option<u16>,
    /// The port of EventBridge; `None` takes any free port.
    pub events_port: Option<u16>,
    /// The clock of all.
    pub clock: Clock,
    /// The seed of ids and tokens: the same seed and the same order of requests give the same ids and tokens.
    pub seed: u64,
}

impl Options {
    /// Options with any free ports and this clock.
    pub fn new(clock: Clock) -> Self {
        Self { webex_port: None, secrets_port: None, events_port: None, clock, seed: 0 }
    }
}

impl Default for Options {
    /// Options with any free ports and the system's clock.
    fn default() -> Self {
        Self::new(Clock::system())
    }
}

/// The services, running on the current Tokio runtime. After this is dropped they accept no new connection; open
/// connections end with the runtime.
#[derive(Debug)]
pub struct Simulator {
    /// The handle to Webex.
    pub webex: Webex,
    /// The handle to Secrets Manager.
    pub secrets: SecretsManager,
    /// The handle to EventBridge.
    pub events: EventBridge,
    /// The clock of all.
    pub clock: Clock,
    _servers: [Server; 3],
}

impl Simulator {
    /// Starts the services. The error names the port that could not be bound.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let Options { clock, seed, .. } = options;
        let (webex, webex_server) = Webex::start(options.webex_port, clock.clone(), seed).await?;
        let (secrets, secrets_server) = SecretsManager::start(options.secrets_port, clock.clone(), seed).await?;
        let (events, events_server) = EventBridge::start(options.events_port, clock.clone()).await?;
        Ok(Self { webex, secrets, events, clock, _servers: [webex_server, secrets_server, events_server] })
    }
}
