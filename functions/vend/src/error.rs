//! Everything that is not 200.

use broker_core::id::InvalidName;
use broker_core::port::{StoreError, WebexError, WebexErrorKind};
use broker_core::request;
use jiff::SignedDuration;
use lambda_kit::problem::{Kind, Problem};
use lambda_kit::refresher::InvokeError;

use crate::identity::BadToken;
use crate::standing::Lacking;

/// When the refresher will have asked Webex about a new grant.
const PENDING_AGAIN: SignedDuration = SignedDuration::from_secs(5);
/// When a store that does not answer may.
const STORE_AGAIN: SignedDuration = SignedDuration::from_secs(2);
/// When a renewal that failed may work; the sweep tries as well.
const RENEWAL_AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// When Webex may answer, if it does not say.
const WEBEX_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// When an issuer that does not answer may.
const ISSUER_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// How to have an identity.
const WANTED_OF_IAM: &str = "sign it with AWS Signature Version 4";
const WANTED_OF_ALL: &str = "sign it with AWS Signature Version 4, or send an identity token as Bearer";

/// Why a caller does not get what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The path is none of ours.
    #[error("there is nothing at this path")]
    NoSuchRoute,
    /// The path is ours, the method is not; this one is.
    #[error("the method must be {0}")]
    Method(&'static str),
    /// Nobody says who is asking.
    #[error("the request carries no identity: {}", if *.bearer { WANTED_OF_ALL } else { WANTED_OF_IAM })]
    Unidentified {
        /// Whether a bearer token would have done.
        bearer: bool,
    },
    /// A bearer token that proves nothing.
    #[error(transparent)]
    BadToken(#[from] BadToken),
    /// A bearer token that cannot be looked into.
    #[error("the token's issuer does not say which keys it has")]
    IssuerDown,
    /// Somebody from elsewhere.
    #[error("the caller {name} is not of this deployment's account")]
    Foreign {
        /// Who.
        name: String,
    },
    /// Somebody to whom the operator's policy does not give this.
    #[error("{}", denial(.by))]
    Denied {
        /// The policies that forbid it; none, if it is only that none permits it.
        by: Vec<String>,
    },
    /// Somebody who asks too often.
    #[error("the caller asks too often")]
    TooOften {
        /// When there is room for the next request.
        again: SignedDuration,
    },
    /// The minter's grant.
    #[error("the minter's grant is nobody's to use")]
    Minter,
    /// An app's or a grant's name that cannot be one.
    #[error(transparent)]
    BadName(#[from] InvalidName),
    /// A parameter that cannot be read; the text says what it may be.
    #[error("{0}")]
    BadParameter(String),
    /// A body that cannot be read; the text says what it must be.
    #[error("the body must be {0}")]
    BadBody(&'static str),
    /// There is no such grant.
    #[error("there is no such grant")]
    NoSuchGrant,
    /// Webex has not confirmed it.
    #[error("the grant waits for Webex's confirmation")]
    Pending,
    /// The org is said to have withdrawn it.
    #[error("the grant is fenced")]
    Fenced,
    /// The org has withdrawn it.
    #[error("the grant is revoked")]
    Revoked,
    /// The store did not give the record.
    #[error("the record cannot be read")]
    Store(#[source] StoreError),
    /// The token would not do and there is no better one.
    #[error("the token cannot be renewed now")]
    NotRenewed(#[source] NotRenewed),
    /// Webex made no guest.
    #[error("Webex made no guest")]
    Webex(#[source] WebexError),
}

/// Why there is no better token.
#[derive(Debug, thiserror::Error)]
pub enum NotRenewed {
    /// The refresher did not answer.
    #[error("the refresher did not answer")]
    NoAnswer(#[source] InvokeError),
    /// The refresher could not.
    #[error("{}: {}", .0.code, .0.detail)]
    Refused(request::CommandError),
    /// It did what it could, and the token that stands is no better.
    #[error("Webex gave nothing better")]
    NotBetter,
}

impl From<Lacking> for Refusal {
    fn from(lacking: Lacking) -> Self {
        match lacking {
            Lacking::Nothing => Self::NoSuchGrant,
            Lacking::Pending => Self::Pending,
            Lacking::Fenced => Self::Fenced,
            Lacking::Revoked => Self::Revoked,
            Lacking::Short(_) => Self::NotRenewed(NotRenewed::NotBetter),
        }
    }
}

impl Refusal {
    /// Whether somebody on our side has something to repair.
    pub(crate) fn is_ours(&self) -> bool {
        Problem::from(self).kind.status().is_server_error()
    }

    /// For the log's `outcome`.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::NoSuchRoute => "no_such_route",
            Self::Method(_) => "method_not_allowed",
            Self::Unidentified { .. } | Self::BadToken(_) => "unidentified",
            Self::IssuerDown => "issuer_unavailable",
            Self::Foreign { .. } | Self::Denied { .. } | Self::Minter => "forbidden",
            Self::TooOften { .. } => "throttled",
            Self::BadName(_) | Self::BadParameter(_) | Self::BadBody(_) => "bad_request",
            Self::NoSuchGrant => "no_such_grant",
            Self::Pending => "pending",
            Self::Fenced => "fenced",
            Self::Revoked => "revoked",
            Self::Store(_) => "store_unavailable",
            Self::NotRenewed(_) => "not_renewed",
            Self::Webex(_) => "webex_refused",
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let say = |kind| Self::new(kind, refusal.to_string());
        match refusal {
            Refusal::NoSuchRoute | Refusal::NoSuchGrant => say(Kind::NotFound),
            Refusal::Method(allowed) => Self::method(allowed),
            Refusal::Unidentified { bearer: false } => say(Kind::Unidentified).challenge("AWS4-HMAC-SHA256"),
            Refusal::Unidentified { bearer: true } => say(Kind::Unidentified).challenge("AWS4-HMAC-SHA256, Bearer"),
            Refusal::BadToken(_) => say(Kind::Unidentified).challenge("Bearer error=\"invalid_token\""),
            Refusal::IssuerDown => say(Kind::Unavailable).retry_after(ISSUER_AGAIN),
            Refusal::Foreign { .. } => Self::new(Kind::Forbidden, "the caller is not of this deployment's account"),
            // Which grant the minter's is, and what the policy says, are not for the caller to know.
            Refusal::Denied { .. } | Refusal::Minter => Self::new(Kind::Forbidden, "this is not for this caller"),
            Refusal::TooOften { again } => say(Kind::Throttled).retry_after(*again),
            Refusal::BadName(_) | Refusal::BadParameter(_) | Refusal::BadBody(_) => say(Kind::BadRequest),
            Refusal::Pending => say(Kind::Pending).retry_after(PENDING_AGAIN),
            Refusal::Fenced => say(Kind::Fenced),
            Refusal::Revoked => say(Kind::Revoked),
            Refusal::Store(_) => say(Kind::Unavailable).retry_after(STORE_AGAIN),
            Refusal::NotRenewed(why) => not_renewed(why).retry_after(RENEWAL_AGAIN),
            Refusal::Webex(error) => webex(error),
        }
    }
}

fn denial(by: &[String]) -> String {
    match by {
        [] => "no policy permits it".to_owned(),
        by => format!("forbidden by {}", by.join(" ")),
    }
}

fn not_renewed(why: &NotRenewed) -> Problem {
    let tracking_id = match why {
        NotRenewed::Refused(refusal) => refusal.tracking_id.clone(),
        NotRenewed::NoAnswer(_) | NotRenewed::NotBetter => None,
    };
    Problem::new(Kind::NotRenewed, why.to_string()).tracking_id(tracking_id)
}

/// A 429 is passed on, because only the caller can slow down; another 4xx is between us and Webex; all else may pass.
fn webex(error: &WebexError) -> Problem {
    let again = error.retry_after.unwrap_or(WEBEX_AGAIN);
    let problem = match error.kind {
        WebexErrorKind::Answered(429) => {
            Problem::new(Kind::Throttled, "Webex asks for fewer guests").retry_after(again)
        }
        WebexErrorKind::Answered(400..=499) => {
            let said = error.description.as_deref().unwrap_or_default();
            Problem::new(Kind::WebexRefused, format!("{}: {said}", error.code()))
        }
        _ => Problem::new(Kind::Unavailable, format!("Webex: {}", error.code())).retry_after(again),
    };
    problem.tracking_id(error.tracking_id.clone())
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
