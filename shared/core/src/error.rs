//! Why a command failed.

use std::error::Error;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::consent_link::LinkError;
use crate::id::{AppName, GrantId, OrgId};
use crate::port::{StoreError, WebexError};
use crate::request::CommandError;

/// An error and everything that caused it, outermost first, in one line: variants never repeat their source.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

/// Why a command failed. Each text describes its own layer; [`BrokerError::command_error`] gives the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Secrets Manager.
    #[error("Secrets Manager failed")]
    Store(#[from] StoreError),
    /// Webex gave no verdict about the grant: try again later.
    #[error("Webex failed")]
    Webex(#[source] WebexError),
    /// Webex refused the refresh token for good.
    #[error("the refresh token has ended")]
    RefreshTokenFinished(#[source] WebexError),
    /// The grant holds no refresh token.
    #[error("there is no refresh token; grant {0} again (consent or import)")]
    NoRefreshToken(GrantId),
    /// Webex refused to mint for the organisation, and may still lag behind an authorisation.
    #[error("the organisation has not authorised the app, according to Webex")]
    NotAuthorized(#[source] WebexError),
    /// Webex refused to mint for the organisation, without the second fact that ends a grant.
    #[error("Webex refused to mint, but nothing confirms that the organisation has withdrawn")]
    NotConfirmed(#[source] WebexError),
    /// More grants of one app would end in one sweep than may end without an event.
    #[error(
        "{count} grants of the app would end in this sweep without a deauthorisation event; check the app in the \
         developer portal, then sweep with \"allow_retirements\": true"
    )]
    RetirementsHeld {
        /// How many grants.
        count: usize,
        /// The refused mint of one of them.
        #[source]
        source: Box<WebexError>,
    },
    /// Webex refused to let the minter mint.
    #[error(
        "Webex refused the minter {minter}: its owner must own the Service App, its token needs the scope \
         spark:applications_token, and the app's client secret must be current"
    )]
    MinterRefused {
        /// The minter's grant.
        minter: GrantId,
        /// Webex's answer.
        #[source]
        source: Box<WebexError>,
    },
    /// There is no minter.
    #[error("the minter {0} has no grant: set it up by consent or import")]
    MinterMissing(GrantId),
    /// The minter's token has ended and nothing renews it.
    #[error("the minter {0} has ended and cannot be renewed: set it up again by consent or import")]
    MinterEnded(GrantId),
    /// The operator has not described the app.
    #[error("there is no readable secret apps/{0}: store the app's credentials there")]
    UnknownApp(AppName),
    /// The app is of the other kind.
    #[error("{app} is not {wanted}")]
    WrongKind {
        /// The app.
        app: AppName,
        /// The kind that the command needs.
        wanted: &'static str,
    },
    /// The subject of a Service App's grant must be an organisation.
    #[error("{0} does not name an organisation")]
    NoOrg(GrantId),
    /// The pair belongs to another organisation than the grant.
    #[error("the pair belongs to organisation {actual}, not to {id}")]
    WrongOrg {
        /// The grant that was named.
        id: GrantId,
        /// The organisation of the token.
        actual: OrgId,
    },
    /// There is no such grant.
    #[error("there is no grant {0}")]
    NotFound(GrantId),
    /// A fence keeps the grant from being used.
    #[error("{0} is fenced: a sweep asks Webex whether the organisation is authorised after all")]
    Fenced(GrantId),
    /// An operator keeps the grant out.
    #[error("{0} is blocked: unblock it first")]
    Blocked(GrantId),
    /// A consent link that is not good for the grant.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The request cannot be carried out as it is.
    #[error("{0}")]
    Invalid(&'static str),
    /// The record kept changing.
    #[error("{0} is being changed by others; try again")]
    Contended(GrantId),
    /// Further versions of this rank would take the room of a fence.
    #[error("{id} was written too often in the last 24 hours; what is left is kept for fences and consent")]
    WriteBudget {
        /// The grant.
        id: GrantId,
        /// When the oldest writes stop counting.
        room_at: Option<Timestamp>,
    },
    /// Callers caused as many renewals today as they may.
    #[error("callers renewed {id} as often as they may in 24 hours")]
    TooManyRenewals {
        /// The grant.
        id: GrantId,
        /// When they may again.
        free_at: Timestamp,
    },
    /// A caller's renewal failed; the next one waits.
    #[error("the renewal failed")]
    NotRenewed {
        /// Why.
        #[source]
        source: Box<BrokerError>,
        /// When a caller's request may try again.
        retry_at: Timestamp,
    },
    /// A renewal failed a moment ago; the next attempt for a caller waits.
    #[error("the renewal of {id} failed ({code}) and is tried again later")]
    BackingOff {
        /// The grant.
        id: GrantId,
        /// The code of the failure.
        code: String,
        /// When a caller's request may try again.
        retry_at: Timestamp,
    },
}

impl BrokerError {
    /// The code to count and to store: Webex's, or the broker's own.
    pub fn code(&self) -> String {
        let own = match self {
            Self::Webex(error) | Self::RefreshTokenFinished(error) => return error.code(),
            Self::NotRenewed { source, .. } => return source.code(),
            Self::Store(StoreError::Unreadable(_)) => "unreadable",
            Self::Store(StoreError::TooLarge { .. }) => "too_large",
            Self::Store(StoreError::Refused { .. }) => "store_refused",
            Self::Store(StoreError::VersionLimit { .. }) => "version_limit",
            Self::Store(StoreError::Conflict) | Self::Contended(_) => "contended",
            Self::Store(StoreError::Unavailable { .. }) => "store_unavailable",
            Self::NoRefreshToken(_) => "no_refresh_token",
            Self::NotAuthorized(_) => "not_authorized",
            Self::NotConfirmed(_) => "not_confirmed",
            Self::RetirementsHeld { .. } => "retirements_held",
            Self::MinterRefused { .. } => "minter_refused",
            Self::MinterMissing(_) => "minter_missing",
            Self::MinterEnded(_) => "minter_ended",
            Self::UnknownApp(_) => "unknown_app",
            Self::WrongKind { .. } => "wrong_kind",
            Self::NoOrg(_) => "no_org",
            Self::WrongOrg { .. } => "wrong_org",
            Self::NotFound(_) => "not_found",
            Self::Fenced(_) => "fenced",
            Self::Blocked(_) => "blocked",
            Self::Link(error) => error.code(),
            Self::Invalid(_) => "invalid_request",
            Self::WriteBudget { .. } => "write_budget",
            Self::TooManyRenewals { .. } => "too_many_renewals",
            Self::BackingOff { .. } => "backing_off",
        };
        own.to_owned()
    }

    /// Webex's answer, if Webex caused the error.
    pub fn webex(&self) -> Option<&WebexError> {
        match self {
            Self::Webex(error)
            | Self::RefreshTokenFinished(error)
            | Self::NotAuthorized(error)
            | Self::NotConfirmed(error) => Some(error),
            Self::MinterRefused { source, .. } | Self::RetirementsHeld { source, .. } => Some(&**source),
            Self::NotRenewed { source, .. } => source.webex(),
            _ => None,
        }
    }

    /// Webex's tracking id, if Webex caused the error.
    pub fn tracking_id(&self) -> Option<String> {
        self.webex()?.tracking_id.clone()
    }

    /// When trying again may help, where that is known.
    fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::WriteBudget { room_at, .. } => *room_at,
            Self::TooManyRenewals { free_at, .. } => Some(*free_at),
            Self::BackingOff { retry_at, .. } | Self::NotRenewed { retry_at, .. } => Some(*retry_at),
            _ => None,
        }
    }

    /// The whole chain in words: every layer, Webex's description, and a hint where the code alone misleads.
    pub fn words(&self) -> String {
        let mut words = chain(self);
        let Some(webex) = self.webex() else { return words };
        if let Some(description) = &webex.description {
            let _ = write!(words, " ({description})");
        }
        if webex.code.as_deref() == Some("invalid_client") {
            words.push_str("; the client id or the client secret in the app's secret is wrong or was regenerated");
        } else if webex.code() == "http_400" {
            words.push_str("; Webex answers so to a wrong client secret too: compare the app's secret with the portal");
        }
        words
    }

    /// The error as the refresher answers it at `now`.
    pub fn command_error(&self, now: Timestamp) -> CommandError {
        let retry_after = match self.retry_at() {
            Some(at) => u32::try_from(at.duration_since(now).as_secs().max(1)).ok(),
            None => None,
        };
        CommandError { code: self.code(), detail: self.words(), tracking_id: self.tracking_id(), retry_after }
    }
}
