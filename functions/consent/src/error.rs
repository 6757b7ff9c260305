//! Why a page is not the one that was asked for.

use broker_core::id::{GrantId, InvalidName};
use broker_core::request::CommandError;
use jiff::SignedDuration;
use lambda_kit::refresher::InvokeError;

use crate::flow::FlowError;
use crate::grant_request::{GrantRequest, GrantRequestError};
use crate::invitation::LinkRefusal;
use crate::seal::CryptoError;
use crate::webex_error::AuthorizationError;

/// Every error response of this function. The texts are for the log and quote nothing that must not be logged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such path.
    #[error("no page at this path")]
    PageNotFound,
    /// The path exists, for these methods.
    #[error("the method must be {allowed}")]
    MethodNotAllowed {
        /// For the `Allow` header.
        allowed: &'static str,
    },
    /// No operator key is configured, and the request does not come from this machine.
    #[error("CONSENT_KEY_SHA256 is not set and the request does not come from this machine")]
    LoopbackOnly,
    /// No session, or one that has ended.
    #[error("no operator session")]
    KeyRequired,
    /// Not the operator key.
    #[error("wrong operator key")]
    WrongKey,
    /// The operator key was guessed too often.
    #[error("too many attempts to enter the operator key")]
    TooManyAttempts {
        /// Time until the next attempt is allowed.
        retry_after: SignedDuration,
    },
    /// Another site made the browser send a form.
    #[error("another site sent the request")]
    CrossSite,
    /// The query does not name a grant and its scopes.
    #[error(transparent)]
    GrantRequest(#[from] GrantRequestError),
    /// There is no Integration of this name.
    #[error("no such Integration")]
    UnknownIntegration,
    /// A cookie could not be sealed.
    #[error("the flow could not be sealed")]
    Crypto(#[from] CryptoError),
    /// The redirect does not belong to a flow of this browser.
    #[error("the redirect from Webex is not accepted")]
    Flow(#[from] FlowError),
    /// Webex redirected the browser back with an error.
    #[error("Webex did not grant access: {}", .error.code)]
    Authorization {
        /// The grant that was requested.
        request: Box<GrantRequest>,
        /// Webex's answer.
        error: AuthorizationError,
    },
    /// Webex redirected the browser back with neither a code nor an error.
    #[error("Webex's redirect has neither a code nor an error")]
    MissingCode,
    /// The refresher did not answer `apps`.
    #[error("the refresher did not list the apps")]
    AppsUnavailable(#[source] InvokeError),
    /// The refresher answered `apps` with an error.
    #[error("the refresher could not list the apps: {}", .0.code)]
    AppsRefused(CommandError),
    /// The refresher did not answer `exchange`.
    #[error("the refresher did not answer the exchange")]
    ExchangeUnavailable {
        /// The grant that Webex gave.
        request: Box<GrantRequest>,
        /// Why.
        source: InvokeError,
    },
    /// The refresher answered `exchange` with an error.
    #[error("the refresher could not exchange the code: {}", .error.code)]
    ExchangeRefused {
        /// The grant that Webex gave.
        request: Box<GrantRequest>,
        /// Why.
        error: CommandError,
    },
    /// The refresher did not answer a command of the console.
    #[error("the refresher did not answer the console")]
    CommandUnavailable {
        /// The grant that an operator acted on.
        grant: Option<Box<GrantId>>,
        /// Why.
        source: InvokeError,
    },
    /// The refresher answered a command of the console with an error.
    #[error("the refresher refused the console's command: {}", .error.code)]
    CommandRefused {
        /// The grant that an operator acted on.
        grant: Option<Box<GrantId>>,
        /// Why.
        error: CommandError,
    },
    /// The refresher answered without the grant that was asked for.
    #[error("no such grant")]
    GrantNotFound,
    /// A form that acts was not sent by a page of this session.
    #[error("the form's token is missing, has expired or belongs to another form")]
    FormToken {
        /// The grant that the form is about.
        grant: Box<GrantId>,
    },
    /// The form that makes a link was not sent by a page of this session.
    #[error("the form's token is missing, has expired or belongs to another form")]
    LinkForm,
    /// A consent link is not accepted.
    #[error("the link is not accepted")]
    Link(#[from] LinkRefusal),
}

impl Error {
    /// A malformed name of an app or a grant.
    pub(crate) fn invalid_name(error: &InvalidName) -> Self {
        GrantRequestError::InvalidName(error.to_string()).into()
    }

    /// The log's `outcome`.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::PageNotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::LoopbackOnly => "not_this_machine",
            Self::KeyRequired => "key_needed",
            Self::WrongKey => "wrong_key",
            Self::TooManyAttempts { .. } => "throttled",
            Self::CrossSite => "another_site",
            Self::GrantRequest(_) => "bad_request",
            Self::UnknownIntegration => "no_such_app",
            Self::Crypto(_) => "no_randomness",
            Self::Flow(_) => "state_refused",
            Self::Authorization { .. } | Self::MissingCode => "not_granted",
            Self::AppsUnavailable(_) | Self::AppsRefused(_) => "no_apps",
            Self::ExchangeUnavailable { .. } | Self::ExchangeRefused { .. } => "not_exchanged",
            Self::CommandUnavailable { .. } | Self::CommandRefused { .. } => "no_answer",
            Self::GrantNotFound => "no_such_grant",
            Self::FormToken { .. } | Self::LinkForm => "form_refused",
            Self::Link(_) => "link_refused",
        }
    }

    /// The requested grant, where it is known and can be requested again.
    pub(crate) fn grant_request(&self) -> Option<&GrantRequest> {
        match self {
            Self::Authorization { request, .. }
            | Self::ExchangeUnavailable { request, .. }
            | Self::ExchangeRefused { request, .. } => Some(request),
            _ => None,
        }
    }

    /// The grant that an operator acted on.
    pub(crate) fn grant(&self) -> Option<&GrantId> {
        match self {
            Self::CommandUnavailable { grant, .. } | Self::CommandRefused { grant, .. } => grant.as_deref(),
            Self::FormToken { grant } => Some(grant),
            _ => None,
        }
    }

    /// Webex's tracking id, where there is one.
    pub(crate) fn tracking_id(&self) -> Option<&str> {
        match self {
            Self::Authorization { error, .. } => error.tracking_id.as_deref(),
            Self::ExchangeRefused { error, .. } | Self::CommandRefused { error, .. } | Self::AppsRefused(error) => {
                error.tracking_id.as_deref()
            }
            _ => None,
        }
    }
}
