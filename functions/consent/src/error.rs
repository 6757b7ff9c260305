//! Everything that is not what somebody hoped for.

use broker_core::request;
use jiff::SignedDuration;
use lambda_kit::refresher::InvokeError;

use crate::choice::Choice;
use crate::flow::Lost;
use crate::returned::Returned;
use crate::seal::NoRandomness;

/// Why a page is not the one that was asked for. None of the texts quotes what must not be logged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is no such page.
    #[error("there is nothing at this path")]
    NoSuchPage,
    /// The page is there, the method is not; these are.
    #[error("the method must be {0}")]
    Method(&'static str),
    /// There is no operator key, and the request is from elsewhere.
    #[error("without an operator key this machine alone is served")]
    ThisMachineOnly,
    /// Operators only.
    #[error("no operator's session")]
    KeyNeeded,
    /// Not the operator key.
    #[error("the operator key is wrong")]
    WrongKey,
    /// Too many keys were tried; when to try again.
    #[error("too many operator keys were tried")]
    Throttled(SignedDuration),
    /// No browser of ours would send this.
    #[error("another site sent the browser")]
    AnotherSite,
    /// A name outside its alphabet; the text says what it may be.
    #[error("{0}")]
    BadName(String),
    /// No such Integration.
    #[error("there is no such Integration")]
    NoSuchApp,
    /// Something that cannot be a scope.
    #[error("a scope has characters that no scope has")]
    BadScope(String),
    /// Nothing was chosen.
    #[error("no scopes were chosen")]
    NoScopes,
    /// The operating system has nothing random to give.
    #[error("there is no randomness for a flow")]
    NoRandomness,
    /// The flow that came back is not believed.
    #[error("the flow is not believed")]
    Lost(#[source] Lost),
    /// Webex sent somebody back without a grant.
    #[error("Webex sent the browser back with an error")]
    Webex(Box<Returned>),
    /// Webex sent neither a code nor an error.
    #[error("Webex sent the browser back with nothing")]
    NoCode,
    /// The apps are not known.
    #[error("the refresher did not say which apps there are")]
    NoApps(#[source] InvokeError),
    /// The refresher could not read the apps.
    #[error("the refresher could not list the apps: {}", .0.code)]
    AppsRefused(request::CommandError),
    /// The code was brought and not answered for.
    #[error("the refresher did not answer the exchange")]
    NotExchanged(Box<Choice>, #[source] InvokeError),
    /// The code was brought and refused.
    #[error("the exchange was refused: {}", .1.code)]
    ExchangeRefused(Box<Choice>, request::CommandError),
}

impl From<NoRandomness> for Refusal {
    fn from(_: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl Refusal {
    /// For the log's `outcome`.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::NoSuchPage => "not_found",
            Self::Method(_) => "method_not_allowed",
            Self::ThisMachineOnly => "not_this_machine",
            Self::KeyNeeded => "key_needed",
            Self::WrongKey => "wrong_key",
            Self::Throttled(_) => "throttled",
            Self::AnotherSite => "another_site",
            Self::BadName(_) | Self::BadScope(_) | Self::NoScopes => "bad_request",
            Self::NoSuchApp => "no_such_app",
            Self::NoRandomness => "no_randomness",
            Self::Lost(_) => "state_refused",
            Self::Webex(_) | Self::NoCode => "not_granted",
            Self::NoApps(_) | Self::AppsRefused(_) => "no_apps",
            Self::NotExchanged(..) | Self::ExchangeRefused(..) => "not_exchanged",
        }
    }

    /// What had been asked for, as far as it is known.
    pub(crate) fn choice(&self) -> Option<&Choice> {
        match self {
            Self::Webex(returned) => Some(&returned.choice),
            Self::NotExchanged(choice, _) | Self::ExchangeRefused(choice, _) => Some(choice),
            _ => None,
        }
    }

    /// Webex's tracking id, where there is one.
    pub(crate) fn tracking_id(&self) -> Option<&str> {
        match self {
            Self::Webex(returned) => returned.tracking_id.as_deref(),
            Self::ExchangeRefused(_, refusal) | Self::AppsRefused(refusal) => refusal.tracking_id.as_deref(),
            _ => None,
        }
    }
}
