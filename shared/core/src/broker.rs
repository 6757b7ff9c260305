//! The use cases: what the refresher does when it is asked.
//!
//! One file a request: [`sweep`](Broker::sweep), [`reconcile`](Broker::reconcile), [`fence`](Broker::fence),
//! [`renew`](Broker::renew), [`exchange`](Broker::exchange), `device` ([`device_start`](Broker::device_start) and
//! [`device_poll`](Broker::device_poll)), [`import`](Broker::import) in `bring`, [`verify`](Broker::verify),
//! [`apps`](Broker::apps). They share `keep` (make one grant's pair better), which rests on `refreshing` and `minting`,
//! and `minter` (the bearer that mints).

mod apps;
mod attempts;
mod bring;
mod device;
mod error;
mod exchange;
mod fence;
mod keep;
mod minter;
mod minting;
mod reconcile;
mod refreshing;
mod registrations;
mod renew;
mod run;
pub mod sweep;
mod verify;

use jiff::SignedDuration;

use crate::clock::Clock;
use crate::id::GrantId;
use crate::port::{Store, Webex};
use crate::schedule::RenewAt;

pub use bring::Import;
pub use device::{DevicePoll, DevicePolled, DeviceStart};
pub use error::BrokerError;
pub use exchange::Exchanged;
pub use run::{Change, Invocation};
pub use verify::Liveness;

use attempts::Attempts;
use minter::Vain;
use registrations::Revivals;

/// How many times a write that lost its race is tried again on what the winner wrote. Each round means that somebody
/// else succeeded, so a handful is plenty.
const ROUNDS: usize = 8;

/// What the deployment chose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The grant whose access token mints.
    pub minter: GrantId,
    /// The share of a token's lifetime after which it is due.
    pub renew_at: RenewAt,
    /// How long Webex may lag behind its own events.
    pub fence_settle: SignedDuration,
    /// Whether an access token may ever be shown to the person who consented.
    pub show_tokens: bool,
    /// Where Webex is to deliver, without a trailing slash; `None` leaves registrations alone.
    pub webhook_url: Option<String>,
}

/// The rules at work between a store and Webex.
pub struct Broker<V, W, C> {
    vault: V,
    webex: W,
    clock: C,
    settings: Settings,
    attempts: Attempts,
    revivals: Revivals,
    vain: Vain,
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Puts the parts together; does nothing yet.
    pub fn new(vault: V, webex: W, clock: C, settings: Settings) -> Self {
        let (attempts, revivals, vain) = (Attempts::default(), Revivals::default(), Vain::default());
        Self { vault, webex, clock, settings, attempts, revivals, vain }
    }

    /// The clock that everything goes by.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// The grant whose access token mints.
    pub fn minter(&self) -> &GrantId {
        &self.settings.minter
    }
}
