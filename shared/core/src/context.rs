//! What every use case works with.

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::clock::{Clock, Deadline};
use crate::error::BrokerError;
use crate::grant::WriteRank;
use crate::id::AppName;
use crate::invocation::Invocation;
use crate::memory::Memory;
use crate::port::{DataSourceApi, DataSourceStore, Events, Store, Webex};
use crate::records::Records;
use crate::settings::BrokerSettings;
use crate::token::AccessToken;
use crate::verdict::TokenVerdict;

/// Time kept back from calls to Webex, so that a pair that they bring can still be stored.
const STORING: SignedDuration = SignedDuration::from_secs(4);

/// The implementations that a broker runs on.
pub(crate) trait Ports {
    type Store: Store + DataSourceStore;
    type Webex: Webex + DataSourceApi;
    type Events: Events;
    type Clock: Clock;
}

/// The cause of a command: it decides how many writes the command may spend and whether it may end a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A function that called vend.
    Caller,
    /// A webhook delivery.
    Event,
    /// The schedule.
    Sweep,
    /// An operator, or a person who consented.
    Human,
}

impl Actor {
    /// The rank of a renewal for this actor.
    pub(crate) fn renewal_rank(self) -> WriteRank {
        match self {
            Self::Caller => WriteRank::Caller,
            Self::Event | Self::Sweep => WriteRank::Sweep,
            Self::Human => WriteRank::Last,
        }
    }

    /// The rank of a note or a claim for this actor.
    pub(crate) fn note_rank(self) -> WriteRank {
        match self {
            Self::Human => WriteRank::Last,
            Self::Caller | Self::Event | Self::Sweep => WriteRank::Note,
        }
    }
}

/// The outside worlds, the clock, the settings, and the invocation on whose behalf they are used.
pub(crate) struct Context<'a, P: Ports> {
    pub(crate) store: &'a P::Store,
    pub(crate) webex: &'a P::Webex,
    pub(crate) events: &'a P::Events,
    pub(crate) clock: &'a P::Clock,
    pub(crate) settings: &'a BrokerSettings,
    pub(crate) memory: &'a Memory,
    pub(crate) invocation: &'a Invocation,
    /// When the command must have ended: with the invocation, or with the caller's patience.
    pub(crate) deadline: Deadline,
    pub(crate) actor: Actor,
    /// Whether the access token that the command replaces is known to be dead.
    pub(crate) replaces_dead_token: bool,
}

impl<'a, P: Ports> Context<'a, P> {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The records, whose writes are tried until the invocation ends.
    pub(crate) fn records(&self) -> Records<'a, P::Store, P::Clock> {
        self.records_until(self.deadline)
    }

    /// The records, whose writes are tried until `deadline`.
    pub(crate) fn records_until(&self, deadline: Deadline) -> Records<'a, P::Store, P::Clock> {
        let author = self.author();
        Records::new(self.store, self.clock, deadline, author, self.invocation, self.replaces_dead_token)
    }

    /// The author of this command's writes, for the histories.
    pub(crate) fn author(&self) -> String {
        match (self.actor, &self.invocation.operator) {
            (Actor::Caller, _) => "caller".to_owned(),
            (Actor::Event, _) => "event".to_owned(),
            (Actor::Sweep, _) => "sweep".to_owned(),
            (Actor::Human, None) => "operator".to_owned(),
            (Actor::Human, Some(operator)) => format!("operator {operator}"),
        }
    }

    /// The same context with a deadline that is `reserve` earlier.
    pub(crate) fn keeping(&self, reserve: SignedDuration) -> Self {
        Self { deadline: self.deadline.keeping(reserve), ..*self }
    }

    /// The same context, once Webex has said that the access token of the grant in hand is dead.
    pub(crate) fn replacing_dead_token(&self) -> Self {
        Self { replaces_dead_token: true, ..*self }
    }

    /// When calls to Webex must have ended.
    pub(crate) fn webex_deadline(&self) -> Deadline {
        self.deadline.keeping(STORING)
    }

    /// Asks Webex whether an access token lives.
    pub(crate) async fn probe(&self, token: &AccessToken) -> TokenVerdict {
        let answer = self.webex.token_expiry(token, self.webex_deadline()).await;
        TokenVerdict::of(answer, self.now())
    }

    /// The app as the operator describes it.
    pub(crate) async fn load_app(&self, name: &AppName) -> Result<App, BrokerError> {
        match self.store.app(name).await? {
            Some(app) => Ok(app),
            None => Err(BrokerError::UnknownApp(name.clone())),
        }
    }
}
