//! The facade: one method for each command of the refresher.

use jiff::SignedDuration;

use crate::clock::{Clock, Deadline};
use crate::commands;
use crate::context::{Actor, Context, Ports};
use crate::grant::State;
use crate::id::GrantId;
use crate::memory::Memory;
use crate::notify;
use crate::port::{DataSourceApi, DataSourceStore, DeviceAuthorization, Events, Store, Webex};
use crate::request::{
    AppList, AppRemoval, Exchange, MadeLink, MakeLink, Reconcile, Removal, Remove, RemoveApp, Renew, Renewal,
    StatusReport, StatusRequest,
};

pub use crate::commands::data_sources::DataSourceCounts;
pub use crate::commands::device::{DevicePoll, DevicePolled, DeviceStart};
pub use crate::commands::exchange::Exchanged;
pub use crate::commands::import::Import;
pub use crate::commands::sweep::{AppCounts, FailureLine, RegistrationCheck, SweepOptions, SweepOutcome, SweepReport};
pub use crate::commands::verify::Liveness;
pub use crate::error::BrokerError;
pub use crate::invocation::{Change, Invocation};
pub use crate::settings::BrokerSettings;

/// The longest renewal for a caller: vend answers its own caller within 25 seconds.
const CALLERS_WAIT: SignedDuration = SignedDuration::from_secs(25);

/// The rules at work between a store and Webex.
pub struct Broker<S, W, E, C> {
    store: S,
    webex: W,
    events: E,
    clock: C,
    settings: BrokerSettings,
    memory: Memory,
}

impl<S: Store + DataSourceStore, W: Webex + DataSourceApi, E: Events, C: Clock> Ports for Broker<S, W, E, C> {
    type Store = S;
    type Webex = W;
    type Events = E;
    type Clock = C;
}

impl<S: Store + DataSourceStore, W: Webex + DataSourceApi, E: Events, C: Clock> Broker<S, W, E, C> {
    /// Puts the parts together. Nothing is called yet.
    pub fn new(store: S, webex: W, events: E, clock: C, settings: BrokerSettings) -> Self {
        Self { store, webex, events, clock, settings, memory: Memory::default() }
    }

    /// The clock that the rules use.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// The grant whose access token mints.
    pub fn minter(&self) -> &GrantId {
        &self.settings.minter
    }

    /// One pass over everything. An error means that nothing could be done.
    pub async fn sweep(&self, on: &Invocation, options: &SweepOptions) -> Result<SweepOutcome, BrokerError> {
        commands::sweep::sweep(&self.context(on, Actor::Sweep), options).await
    }

    /// Sends what the invocation has changed to the event bus, with notices for people. It never fails: the invocation
    /// counts what could not be sent.
    pub async fn send_events(&self, on: &Invocation) {
        notify::send_changes(&self.context(on, Actor::Human)).await;
    }

    /// Sends a notice that says `text`, to show that notices arrive. `false` if there is no event bus, or it took none.
    pub async fn test_notice(&self, on: &Invocation, text: Option<&str>) -> bool {
        notify::send_test(&self.context(on, Actor::Human), text).await
    }

    /// Looks at what Webex says about a grant of which an `authorized` event told. An error means that the hint itself
    /// could not be saved.
    pub async fn reconcile(&self, on: &Invocation, request: &Reconcile) -> Result<State, BrokerError> {
        commands::reconcile::reconcile(&self.context(on, Actor::Event), request).await
    }

    /// Stops vending a grant until Webex says otherwise.
    pub async fn fence(&self, on: &Invocation, id: &GrantId) -> Result<State, BrokerError> {
        commands::fence::fence(&self.context(on, Actor::Event), id).await
    }

    /// Looks at the data sources of a grant, of which an event told.
    pub async fn data_sources(&self, on: &Invocation, id: &GrantId) -> Result<DataSourceCounts, BrokerError> {
        commands::data_sources::look_at_data_sources(&self.context(on, Actor::Event), id).await
    }

    /// Renews a pair for a caller, unless that is pointless; or for an operator, whatever its age.
    pub async fn renew(&self, on: &Invocation, request: &Renew) -> Result<Renewal, BrokerError> {
        if request.force {
            return commands::renew::renew(&self.context(on, Actor::Human), request).await;
        }
        let mut cx = self.context(on, Actor::Caller);
        cx.deadline = cx.deadline.min(self.callers_deadline(request));
        commands::renew::renew(&cx, request).await
    }

    /// Stores a pair that an operator copied from the portal.
    pub async fn import(&self, on: &Invocation, request: Import) -> Result<Renewal, BrokerError> {
        commands::import::import(&self.context(on, Actor::Human), request).await
    }

    /// The apps and a page of grants, for operators. Nothing is written.
    pub async fn status(&self, on: &Invocation, request: &StatusRequest) -> Result<StatusReport, BrokerError> {
        commands::status::status(&self.context(on, Actor::Human), request).await
    }

    /// Ends a grant at an operator's wish.
    pub async fn remove(&self, on: &Invocation, request: &Remove) -> Result<Removal, BrokerError> {
        commands::remove::remove(&self.context(on, Actor::Human), request).await
    }

    /// Ends all grants of an app, as far as the time allows.
    pub async fn remove_app(&self, on: &Invocation, request: &RemoveApp) -> Result<AppRemoval, BrokerError> {
        commands::remove_app::remove_app(&self.context(on, Actor::Human), request).await
    }

    /// Lets a blocked grant in again, and returns its state.
    pub async fn unblock(&self, on: &Invocation, id: &GrantId) -> Result<State, BrokerError> {
        commands::unblock::unblock(&self.context(on, Actor::Human), id).await
    }

    /// Takes a retired grant back.
    pub async fn restore(&self, on: &Invocation, id: &GrantId) -> Result<Renewal, BrokerError> {
        commands::restore::restore(&self.context(on, Actor::Human), id).await
    }

    /// Turns an authorization code into a grant.
    pub async fn exchange(&self, on: &Invocation, request: Exchange) -> Result<Exchanged, BrokerError> {
        commands::exchange::exchange(&self.context(on, Actor::Human), request).await
    }

    /// Makes a link with which a person consents to a grant that fails or has ended.
    pub async fn make_link(&self, on: &Invocation, request: MakeLink) -> Result<MadeLink, BrokerError> {
        commands::make_link::make_link(&self.context(on, Actor::Human), request).await
    }

    /// Begins the device flow.
    pub async fn device_start(
        &self,
        on: &Invocation,
        request: &DeviceStart,
    ) -> Result<DeviceAuthorization, BrokerError> {
        commands::device::device_start(&self.context(on, Actor::Human), request).await
    }

    /// Asks once whether the person has consented, and stores the pair if so.
    pub async fn device_poll(&self, on: &Invocation, request: &DevicePoll) -> Result<DevicePolled, BrokerError> {
        commands::device::device_poll(&self.context(on, Actor::Human), request).await
    }

    /// Asks Webex whether a stored access token lives.
    pub async fn verify(&self, on: &Invocation, id: &GrantId) -> Result<Liveness, BrokerError> {
        commands::verify::verify(&self.context(on, Actor::Human), id).await
    }

    /// The apps without their secrets.
    pub async fn apps(&self, on: &Invocation) -> Result<AppList, BrokerError> {
        commands::apps::apps(&self.context(on, Actor::Human)).await
    }

    fn callers_deadline(&self, request: &Renew) -> Deadline {
        let longest = self.clock.now() + CALLERS_WAIT;
        match request.deadline {
            Some(at) => Deadline::at(at.min(longest)),
            None => Deadline::at(longest),
        }
    }

    fn context<'a>(&'a self, invocation: &'a Invocation, actor: Actor) -> Context<'a, Self> {
        Context {
            store: &self.store,
            webex: &self.webex,
            events: &self.events,
            clock: &self.clock,
            settings: &self.settings,
            memory: &self.memory,
            invocation,
            deadline: invocation.deadline,
            actor,
            replaces_dead_token: false,
        }
    }
}
