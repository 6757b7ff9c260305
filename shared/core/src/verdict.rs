//! What an error of Webex's means for a grant. Status **and** code decide, because either alone is ambiguous.
//!
//! Architecture invariant: a response that is not Webex's ([`WebexErrorKind::Foreign`]) gives no verdict, and only
//! [`WebexError::is_webex_verdict`] errors say something that can end a grant.

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

    /// Whether the error proves that the bearer token of the request is dead: a 401 that is a verdict of Webex's.
    pub fn proves_dead(&self) -> bool {
        self.kind == WebexErrorKind::Answered(401) && self.is_webex_verdict()
    }

    /// Whether Webex answered 401. Only [`Self::proves_dead`] is evidence against a grant.
    pub fn is_unauthorized(&self) -> bool {
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
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn answered(status: u16, code: Option<&str>) -> WebexError {
        WebexError {
            operation: "test",
            kind: WebexErrorKind::Answered(status),
            code: code.map(str::to_owned),
            description: None,
            tracking_id: Some("ROUTERGW_1".to_owned()),
            retry_after: None,
        }
    }

    fn with_message(message: &str) -> WebexError {
        WebexError { description: Some(message.to_owned()), ..answered(403, None) }
    }

    #[test]
    fn refresh_verdict_of_each_status_and_code() {
        use RefreshVerdict::{Finished, FinishedIfRepeated, Later};
        let table = [
            (400, Some("invalid_grant"), Finished),
            (401, Some("invalid_grant"), Finished),
            (403, Some("invalid_grant"), Finished),
            (400, None, FinishedIfRepeated),
            (401, None, FinishedIfRepeated),
            (403, None, FinishedIfRepeated),
            (400, Some("invalid_request"), FinishedIfRepeated),
            (400, Some("invalid_client"), Later), // the client secret was regenerated; the grant lives
            (401, Some("invalid_client"), Later),
            (403, Some("tokenlimit_reached"), Later),
            (400, Some("something_new"), Later),
            (404, None, Later),
            (423, None, Later),
            (429, None, Later),
            (500, None, Later),
            (503, Some("invalid_grant"), Later),
        ];
        for (status, code, meaning) in table {
            assert_eq!(answered(status, code).refresh_verdict(), meaning, "{status} {code:?}");
        }
    }

    #[test]
    fn mint_verdict_of_each_status_and_code() {
        use MintVerdict::{BearerRefused, Later, MinterRefused, NotAuthorized};
        let table = [
            (403, None, NotAuthorized),
            (403, Some("access_denied"), NotAuthorized),
            (403, Some("tokenlimit_reached"), Later),
            (403, Some("rate_limited"), Later),
            (403, Some("insufficient_scope"), MinterRefused), // the minter lacks scopes; the org did not withdraw
            (403, Some("invalid_scope"), MinterRefused),
            (401, None, BearerRefused),
            (401, Some("invalid_client"), Later),
            (400, None, Later),
            (404, None, Later),
            (429, None, Later),
            (500, None, Later),
        ];
        for (status, code, meaning) in table {
            assert_eq!(answered(status, code).mint_verdict(), meaning, "{status} {code:?}");
        }
    }

    #[test]
    fn device_verdict_of_each_status_and_code() {
        use DeviceVerdict::{Over, SlowDown, Waiting};
        let table = [
            (428, None, Waiting),
            (428, Some("authorization_pending"), Waiting),
            (400, Some("authorization_pending"), Waiting),
            (428, Some("slow_down"), SlowDown),
            (400, Some("slow_down"), SlowDown),
            (400, Some("expired_token"), Over),
            (403, Some("access_denied"), Over),
            (400, None, Over),
            (503, None, Over),
        ];
        for (status, code, meaning) in table {
            assert_eq!(answered(status, code).device_verdict(), meaning, "{status} {code:?}");
        }
    }

    #[test]
    fn foreign_428_keeps_the_device_flow_waiting() {
        let foreign = |status| WebexError { kind: WebexErrorKind::Foreign(status), ..answered(status, None) };
        assert_eq!(foreign(428).device_verdict(), DeviceVerdict::Waiting);
        assert_eq!(foreign(400).device_verdict(), DeviceVerdict::Over);
    }

    #[test]
    fn rate_limit_under_403_gives_no_verdict() {
        let waits = WebexError { retry_after: Some(SignedDuration::from_secs(1)), ..answered(403, None) };
        let says = WebexError { description: Some("Too many requests, slow down".to_owned()), ..answered(403, None) };
        for error in [waits, says] {
            assert_eq!(error.mint_verdict(), MintVerdict::Later);
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
        }
    }

    #[test]
    fn mint_refused_for_the_minters_rights_says_nothing_about_the_org() {
        for (message, verdict) in [
            (
                "The server understood the request, but refused to fulfill it because the access token is missing \
                 required scopes or the user is missing required roles or licenses.",
                MintVerdict::MinterRefused,
            ),
            ("Missing Scope: spark:applications_token", MintVerdict::MinterRefused),
            ("The user needs another role.", MintVerdict::MinterRefused),
            ("A licence is missing", MintVerdict::MinterRefused),
            ("The organization has not authorized the application.", MintVerdict::NotAuthorized),
            ("The organization is controlled by a telescope.", MintVerdict::NotAuthorized),
            ("Too many requests for this role", MintVerdict::Later),
        ] {
            assert_eq!(with_message(message).mint_verdict(), verdict, "{message}");
        }
    }

    #[test]
    fn without_tracking_id_an_envelope_heals_but_ends_nothing() {
        let anonymous = |status, code| WebexError { tracking_id: None, ..answered(status, code) };
        for code in [None, Some("access_denied"), Some("forbidden")] {
            assert_eq!(answered(403, code).mint_verdict(), MintVerdict::NotAuthorized);
            assert_eq!(anonymous(403, code).mint_verdict(), MintVerdict::Later, "{code:?}");
        }
        assert!(answered(401, None).proves_dead() && answered(403, None).is_webex_verdict());
        assert!(!anonymous(401, None).proves_dead() && !anonymous(403, None).is_webex_verdict());
        assert!(!answered(403, None).proves_dead());
        assert_eq!(anonymous(400, Some("invalid_grant")).refresh_verdict(), RefreshVerdict::Finished);
        assert_eq!(anonymous(401, None).mint_verdict(), MintVerdict::BearerRefused);
        assert_eq!(anonymous(403, Some("insufficient_scope")).mint_verdict(), MintVerdict::MinterRefused);
    }

    #[test]
    fn foreign_answer_gives_no_verdict_under_any_status_or_code() {
        for status in [200, 204, 302, 400, 401, 403, 404, 407, 423, 429, 500, 502, 503] {
            for code in [None, Some("invalid_grant"), Some("access_denied"), Some("insufficient_scope")] {
                let error = WebexError { kind: WebexErrorKind::Foreign(status), ..answered(status, code) };
                assert_eq!(error.mint_verdict(), MintVerdict::Later, "{status} {code:?}");
                assert_eq!(error.refresh_verdict(), RefreshVerdict::Later, "{status} {code:?}");
                assert!(!error.is_webex_verdict() && !error.proves_dead() && !error.is_unauthorized());
                assert_eq!(error.code(), "foreign_answer");
            }
        }
    }

    #[test]
    fn missing_response_gives_no_verdict() {
        for kind in [WebexErrorKind::TimedOut, WebexErrorKind::Unreachable] {
            let error = WebexError { kind, ..answered(0, None) };
            assert_eq!(error.mint_verdict(), MintVerdict::Later);
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
            assert!(!error.is_webex_verdict() && !error.proves_dead());
        }
    }
}
