//! Why a use case did not do what it was asked.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::Invocation;
use crate::error::chain;
use crate::id::{AppName, GrantId};
use crate::port::{StoreError, WebexError};
use crate::request::CommandError;

/// Why a use case did not do what it was asked. A text says its own layer only; [`BrokerError::refusal`] tells it whole.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The store.
    #[error("the store would not do it")]
    Store(#[from] StoreError),
    /// Webex, in a way that says nothing about the grant: try again later.
    #[error("Webex would not do it")]
    Webex(#[source] WebexError),
    /// Webex: this refresh token is dead.
    #[error("the refresh token is finished")]
    RefreshTokenFinished(#[source] WebexError),
    /// Nothing renews this pair.
    #[error("there is no refresh token; grant {0} anew (consent or import)")]
    NoRefreshToken(GrantId),
    /// Webex: this org has not authorised the app, or Webex lags behind its own event.
    #[error("Webex says that the organisation has not authorised the app")]
    NotAuthorized(#[source] WebexError),
    /// Webex refused the minter's token, and a fresh one as well.
    #[error(
        "Webex refused the minter {minter} twice; its owner must own the Service App, and the app's client secret must be current"
    )]
    MinterRefused {
        /// Which minter.
        minter: GrantId,
        /// The second refusal.
        #[source]
        source: WebexError,
    },
    /// There is no minter.
    #[error("the minter {0} has no grant: set it up with consent, or with an import")]
    MinterMissing(GrantId),
    /// The minter's token has ended and nothing renews it.
    #[error("the minter {0} has ended and cannot be renewed: set it up again")]
    MinterEnded(GrantId),
    /// The operator has not described the app.
    #[error("there is no readable secret apps/{0}: store the app's credentials there")]
    UnknownApp(AppName),
    /// The app is of the other kind.
    #[error("{app} is not {wanted}")]
    WrongKind {
        /// Which app.
        app: AppName,
        /// What it would have to be.
        wanted: &'static str,
    },
    /// The subject of a Service App's grant must be an organisation.
    #[error("{0} does not name an organisation")]
    NoOrg(GrantId),
    /// There is no such grant.
    #[error("there is no grant {0}")]
    NotFound(GrantId),
    /// The grant is fenced, and only Webex lifts that.
    #[error("{0} is fenced: a sweep asks Webex whether the organisation is authorised after all")]
    Fenced(GrantId),
    /// The request cannot be carried out as it is.
    #[error("{0}")]
    Invalid(&'static str),
    /// The record kept changing under us.
    #[error("{0} is being changed by others; try again")]
    Contended(GrantId),
}

impl BrokerError {
    /// What to count by: Webex's code, the store's condition, or our own.
    pub fn code(&self) -> String {
        let ours = match self {
            Self::Webex(error) | Self::RefreshTokenFinished(error) => return error.code(),
            Self::Store(StoreError::Unreadable(_)) => "unreadable",
            Self::Store(StoreError::TooLarge { .. }) => "too_large",
            Self::Store(StoreError::Refused { .. }) => "store_refused",
            Self::Store(StoreError::VersionLimit { .. }) => "version_limit",
            Self::Store(StoreError::Conflict) | Self::Contended(_) => "contended",
            Self::Store(StoreError::Unavailable { .. }) => "store_unavailable",
            Self::NoRefreshToken(_) => "no_refresh_token",
            Self::NotAuthorized(_) => "not_authorized",
            Self::MinterRefused { .. } => "minter_refused",
            Self::MinterMissing(_) => "minter_missing",
            Self::MinterEnded(_) => "minter_ended",
            Self::UnknownApp(_) => "unknown_app",
            Self::WrongKind { .. } => "wrong_kind",
            Self::NoOrg(_) => "no_org",
            Self::NotFound(_) => "not_found",
            Self::Fenced(_) => "fenced",
            Self::Invalid(_) => "invalid_request",
        };
        ours.to_owned()
    }

    /// What Webex said, if it was Webex.
    pub fn webex(&self) -> Option<&WebexError> {
        match self {
            Self::Webex(error) | Self::RefreshTokenFinished(error) | Self::NotAuthorized(error) => Some(error),
            Self::MinterRefused { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Whether Webex asked for a wait that this run has no time for: nothing has failed, it only has to wait.
    pub(super) fn wants_more_time_than(&self, run: &Invocation, now: Timestamp) -> bool {
        let wait = self.webex().and_then(|error| error.retry_after);
        wait.is_some_and(|wait| !run.asking().allows(now, wait))
    }

    /// Webex's tracking id, if it was Webex.
    pub fn tracking_id(&self) -> Option<String> {
        self.webex()?.tracking_id.clone()
    }

    /// The whole story for whoever asked: every layer, and Webex's own words.
    pub fn command_error(&self) -> CommandError {
        let mut detail = chain(self);
        if let Some(words) = self.webex().and_then(|error| error.description.as_deref()) {
            let _ = write!(detail, " ({words})");
        }
        CommandError { code: self.code(), detail, tracking_id: self.tracking_id(), retry_after: None }
    }
}
