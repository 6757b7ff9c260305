//! Webex and AWS Secrets Manager on loopback, with faults.
//!
//! Written from their documents and not from our client: the simulator shares no type with the rest of the workspace,
//! so that a misreading on one side shows on the other. Tests embed it, and the local runner is the same thing left
//! running.
//!
//! # A tour
//! - [`Simulator::start`] binds two ports on 127.0.0.1 and gives a handle to each stand-in.
//! - [`Webex`] is the platform and its portal. Arrange with [`Webex::register_service_app`], [`Webex::add_org`],
//!   [`Webex::authorize`], [`Webex::grant_integration`]; look with [`Webex::is_alive`], [`Webex::live_tokens`],
//!   [`Webex::registered_webhooks`]. What the public sources leave open is a switch in [`webex::Settings`].
//! - A change of consent gives a [`webex::Event`]. [`Webex::deliver`] posts it to whoever registered;
//!   [`webex::Event::signed`] makes the exact request for a test to post, repeat, reorder or lose.
//! - [`SecretsManager`] stores versions under labels as AWS does, compare-and-swap and quotas included.
//!   [`SecretsManager::put_json`] and [`SecretsManager::current_json`] go past the wire.
//! - Both have a [`Journal`] of what was asked and answered, and [`Faults`]: an outage, a fault for the next requests
//!   of one kind, and a [`Gate`] that holds requests before or after their effect while a test kills somebody.
//! - [`lambda::RuntimeApi`] is what a function's process talks to, where it takes a process to show something.
//! - [`Clock`] is the time of both. Tokens expire when a test says [`Clock::advance`].
//!
//! # Inside
//! Every endpoint is a plain synchronous function from state and request to answer; `transport` holds everything else:
//! the listener, the way of a request past journal, outage, gates and faults. Add an endpoint in `webex/endpoint.rs`
//! and `webex/service.rs`, an operation in `secrets/operation.rs` and `secrets/service.rs`.
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
pub mod lambda;
pub mod secrets;
mod transport;
pub mod webex;

pub use clock::Clock;
pub use secrets::SecretsManager;
pub use transport::{Entry, Faults, Gate, Journal, Point, Unconsumed};
pub use webex::Webex;

use transport::Server;

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of Webex; any free one if absent.
    pub webex_port: Option<u16>,
    /// The port of Secrets Manager; any free one if absent.
    pub secrets_port: Option<u16>,
    /// The time of both.
    pub clock: Clock,
    /// Where ids and tokens come from: the same seed and the same order of requests give the same ones.
    pub seed: u64,
}

impl Options {
    /// Any free ports.
    pub fn new(clock: Clock) -> Self {
        Self { webex_port: None, secrets_port: None, clock, seed: 0 }
    }
}

impl Default for Options {
    /// Any free ports and the system's time.
    fn default() -> Self {
        Self::new(Clock::system())
    }
}

/// Both stand-ins, on the current Tokio runtime. Once this is dropped no new connection is accepted; open ones end
/// with the runtime.
#[derive(Debug)]
pub struct Simulator {
    /// Webex.
    pub webex: Webex,
    /// Secrets Manager.
    pub secrets: SecretsManager,
    /// The time of both.
    pub clock: Clock,
    _servers: [Server; 2],
}

impl Simulator {
    /// Starts both; an error names the port that could not be had.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let Options { clock, seed, .. } = options;
        let (webex, webex_server) = Webex::start(options.webex_port, clock.clone(), seed).await?;
        let (secrets, secrets_server) = SecretsManager::start(options.secrets_port, clock.clone(), seed).await?;
        Ok(Self { webex, secrets, clock, _servers: [webex_server, secrets_server] })
    }
}
