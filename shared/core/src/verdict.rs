//! What an error of Webex's means for a grant. Status **and** code decide, because either alone is ambiguous.

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

    /// Classifies a failed mint.
    pub fn mint_verdict(&self) -> MintVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(401), code) if code != Some("invalid_client") => MintVerdict::BearerRefused,
            (WebexErrorKind::Answered(403), None) if !self.is_rate_limit() => MintVerdict::NotAuthorized,
            (WebexErrorKind::Answered(403), Some(code)) if PERMISSION_CODES.contains(&code) => {
                MintVerdict::NotAuthorized
            }
            _ => MintVerdict::Later,
        }
    }

    /// Classifies a failed poll of the device flow. While the user has not decided, Webex answers 428 and RFC 8628
    /// specifies `authorization_pending`.
    pub fn device_verdict(&self) -> DeviceVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(400..=499), Some("slow_down")) => DeviceVerdict::SlowDown,
            (WebexErrorKind::Answered(428), _) | (WebexErrorKind::Answered(400), Some("authorization_pending")) => {
                DeviceVerdict::Waiting
            }
            _ => DeviceVerdict::Over,
        }
    }

    /// Whether Webex answered 401, which means that the bearer token is dead.
    pub fn is_unauthorized(&self) -> bool {
        self.kind == WebexErrorKind::Answered(401)
    }

    /// Whether this is a rate limit. Some have the status 403; then the message or a `Retry-After` tells.
    fn is_rate_limit(&self) -> bool {
        let message = self.description.as_deref().unwrap_or_default().to_ascii_lowercase();
        self.retry_after.is_some() || RATE_LIMIT_HINTS.iter().any(|hint| message.contains(hint))
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
            tracking_id: None,
            retry_after: None,
        }
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
        use MintVerdict::{BearerRefused, Later, NotAuthorized};
        let table = [
            (403, None, NotAuthorized),
            (403, Some("access_denied"), NotAuthorized),
            (403, Some("tokenlimit_reached"), Later),
            (403, Some("rate_limited"), Later),
            (403, Some("insufficient_scope"), Later), // the minter lacks scopes; the org did not withdraw
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
    fn rate_limit_under_403_gives_no_verdict() {
        let waits = WebexError { retry_after: Some(SignedDuration::from_secs(1)), ..answered(403, None) };
        let says = WebexError { description: Some("Too many requests, slow down".to_owned()), ..answered(403, None) };
        for error in [waits, says] {
            assert_eq!(error.mint_verdict(), MintVerdict::Later);
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
        }
    }

    #[test]
    fn missing_response_gives_no_verdict() {
        for kind in [WebexErrorKind::TimedOut, WebexErrorKind::Unreachable, WebexErrorKind::Unintelligible] {
            let error = WebexError { kind, ..answered(0, None) };
            assert_eq!(error.mint_verdict(), MintVerdict::Later);
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
        }
    }
}
