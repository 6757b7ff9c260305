//! What an error of Webex's means for a grant. Status **and** code decide, because either alone is ambiguous.
//!
//! Architecture invariant: a response that is not Webex's ([`WebexErrorKind::Foreign`]) gives no verdict, and only
//! [`WebexError::is_webex_verdict`] errors say something that can end a grant.

use jiff::Timestamp;

use crate::port::{WebexError, WebexErrorKind};

/// What a failed refresh says about the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshVerdict {
    /// It is dead.
    Finished,
    /// It is dead if a second attempt ends in the same way.
    FinishedIfRepeated,
    /// It says nothing: try again later.
    Later,
}

/// What a failed mint says about the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintVerdict {
    /// The org has not authorised the app, or Webex does not know about it yet.
    NotAuthorized,
    /// It says nothing about the org: Webex refused the minter's token.
    BearerRefused,
    /// It says nothing about the org: the minter lacks a scope, a role or a licence.
    MinterRefused,
    /// It says nothing: try again later.
    Later,
}

/// What a failed poll of the device flow says about the user's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceVerdict {
    /// The user has not decided yet: poll again.
    Waiting,
    /// As `Waiting`, and the polls are too frequent: add 5 seconds to the interval (RFC 8628 section 3.5).
    SlowDown,
    /// The user declined, or the codes have expired.
    Over,
}

/// The verdict of `GET /authorizations/tokenExpiry` on the access token of the request.
#[derive(Debug)]
pub enum TokenVerdict {
    /// It lives until then.
    Lives(Timestamp),
    /// It ended at a time that has passed.
    Expired,
    /// Webex refused it with a 401. Whether that is evidence against the grant is [`Self::is_proven_dead`].
    Refused(WebexError),
    /// It says nothing: ask again later.
    Unknown(WebexError),
}

impl TokenVerdict {
    /// Reads the answer at `now`.
    pub fn of(answer: Result<Timestamp, WebexError>, now: Timestamp) -> Self {
        match answer {
            Ok(ends) if ends > now => Self::Lives(ends),
            Ok(_) => Self::Expired,
            Err(error) if error.is_unauthorized() => Self::Refused(error),
            Err(error) => Self::Unknown(error),
        }
    }

    /// Whether the token is of no use, so that another one helps.
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Expired | Self::Refused(_))
    }

    /// Whether this is evidence against the grant: a 401 in Webex's voice. A token that has merely expired is none.
    pub fn is_proven_dead(&self) -> bool {
        match self {
            Self::Refused(error) => error.proves_dead(),
            Self::Lives(_) | Self::Expired | Self::Unknown(_) => false,
        }
    }
}

/// Codes with which a 403 means "not allowed", not "try later".
const PERMISSION_CODES: [&str; 6] = [
    "access_denied",
    "forbidden",
    "insufficient_permission",
    "insufficient_permissions",
    "not_authorized",
    "permission_denied",
];

/// Parts of the messages of rate limits.
const RATE_LIMIT_HINTS: [&str; 3] = ["rate limit", "too many", "throttl"];

/// The rights of the caller that Webex names when it refuses a request for the lack of one. A 403 to a mint that names
/// one is about the minter, whose token the request carries.
const CALLERS_RIGHTS: [&str; 8] = ["scope", "scopes", "role", "roles", "license", "licenses", "licence", "licences"];

impl WebexError {
    /// Classifies a failed refresh. Webex answers a dead refresh token with 400 or 401 (both are reported), and a
    /// malformed or revoked one sometimes without a code. Only a mint shows whether the grant is lost.
    pub fn refresh_verdict(&self) -> RefreshVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(400 | 401 | 403), Some("invalid_grant")) => RefreshVerdict::Finished,
            (WebexErrorKind::Answered(400 | 401 | 403), None | Some("invalid_request" | "access_denied"))
                if !self.is_rate_limit() =>
            {
                RefreshVerdict::FinishedIfRepeated
            }
            _ => RefreshVerdict::Later,
        }
    }

    /// Classifies a failed mint. That the org has not authorised the app can end a grant, so it takes a verdict of
    /// Webex's.
    pub fn mint_verdict(&self) -> MintVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(401), Some("invalid_client")) => MintVerdict::Later,
            (WebexErrorKind::Answered(401), _) => MintVerdict::BearerRefused,
            (WebexErrorKind::Answered(403), _) => self.forbidden_mint_verdict(),
            _ => MintVerdict::Later,
        }
    }

    fn forbidden_mint_verdict(&self) -> MintVerdict {
        if self.is_rate_limit() {
            return MintVerdict::Later;
        }
        if self.names_callers_rights() {
            return MintVerdict::MinterRefused;
        }
        let denies_permission = match self.code.as_deref() {
            None => true,
            Some(code) => PERMISSION_CODES.contains(&code),
        };
        if denies_permission && self.is_webex_verdict() { MintVerdict::NotAuthorized } else { MintVerdict::Later }
    }

    /// Classifies a failed poll of the device flow. While the user has not decided, Webex answers 428 and RFC 8628
    /// specifies `authorization_pending`.
    pub fn device_verdict(&self) -> DeviceVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(400..=499), Some("slow_down")) => DeviceVerdict::SlowDown,
            (WebexErrorKind::Answered(428) | WebexErrorKind::Foreign(428), _)
            | (WebexErrorKind::Answered(400), Some("authorization_pending")) => DeviceVerdict::Waiting,
            _ => DeviceVerdict::Over,
        }
    }

    /// Whether this is a verdict of Webex's: one of its error envelopes, with a tracking id. Other servers answer with
    /// `{"message":…}` too, but without the id.
    pub fn is_webex_verdict(&self) -> bool {
        matches!(self.kind, WebexErrorKind::Answered(_)) && self.tracking_id.is_some()
    }

    /// Whether Webex refused the request for good: another attempt ends in the same way until something is changed.
    pub fn is_refusal(&self) -> bool {
        let is_final = match self.kind {
            WebexErrorKind::Answered(status) => matches!(status, 400..=499) && !matches!(status, 408 | 423 | 429),
            WebexErrorKind::Foreign(_) | WebexErrorKind::TimedOut | WebexErrorKind::Unreachable => false,
        };
        is_final && self.is_webex_verdict() && !self.is_rate_limit()
    }

    /// Whether the error proves that the bearer token of the request is dead: a 401 that is a verdict of Webex's.
    pub fn proves_dead(&self) -> bool {
        self.kind == WebexErrorKind::Answered(401) && self.is_webex_verdict()
    }

    /// Whether Webex answered 401. Only [`Self::proves_dead`] is evidence against a grant.
    fn is_unauthorized(&self) -> bool {
        self.kind == WebexErrorKind::Answered(401)
    }

    /// Whether this is a rate limit. Some have the status 403; then the message or a `Retry-After` tells.
    fn is_rate_limit(&self) -> bool {
        let message = self.description.as_deref().unwrap_or_default().to_ascii_lowercase();
        self.retry_after.is_some() || RATE_LIMIT_HINTS.iter().any(|hint| message.contains(hint))
    }

    /// Whether the code or the message names a scope, a role or a licence.
    fn names_callers_rights(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let message = self.description.as_deref().unwrap_or_default();
        let text = format!("{code} {message}").to_ascii_lowercase();
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| CALLERS_RIGHTS.contains(&word))
    }
}

#[cfg(test)]
mod tests;
