//! What an error of Webex's means for a grant: read by status **and** code, because either alone has misled others.

use crate::port::{WebexError, WebexErrorKind};

/// What a refused refresh says about the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshVerdict {
    /// It is dead.
    Finished,
    /// It is dead if a second try ends the same way.
    FinishedIfRepeated,
    /// Nothing: try again later.
    Later,
}

/// What a refused mint says about the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintVerdict {
    /// It has not authorised the app, or Webex does not know yet.
    NotAuthorized,
    /// Nothing: the minter's own token is refused.
    BearerRefused,
    /// Nothing: the minter may not mint (scopes, roles or licences).
    MinterRefused,
    /// Nothing: try again later.
    Later,
}

/// What a refused device token says about the person who is to consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceVerdict {
    /// They have not decided yet: ask again.
    Waiting,
    /// Neither, and we ask too often: 5 seconds more between two questions from now on (RFC 8628 section 3.5).
    SlowDown,
    /// They will not, or cannot any more.
    Over,
}

/// Names under which a 403 says "you may not", as opposed to "not now".
const PERMISSION_CODES: [&str; 6] = [
    "access_denied",
    "forbidden",
    "insufficient_permission",
    "insufficient_permissions",
    "not_authorized",
    "permission_denied",
];

impl WebexError {
    /// Reads a refused refresh. A dead refresh token is answered with 400 or 401 (both are reported), a malformed or
    /// revoked one sometimes without a code; whether the grant is lost is then for minting to say.
    pub fn refresh_verdict(&self) -> RefreshVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(400 | 401 | 403), Some("invalid_grant")) => RefreshVerdict::Finished,
            (WebexErrorKind::Answered(400 | 401 | 403), None | Some("invalid_request" | "access_denied"))
                if !self.is_about_pace() =>
            {
                RefreshVerdict::FinishedIfRepeated
            }
            _ => RefreshVerdict::Later,
        }
    }

    /// Reads a refused mint.
    pub fn mint_verdict(&self) -> MintVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(401), code) if code != Some("invalid_client") => MintVerdict::BearerRefused,
            (WebexErrorKind::Answered(403), None) if self.is_about_rights() => MintVerdict::MinterRefused,
            (WebexErrorKind::Answered(403), None) if !self.is_about_pace() => MintVerdict::NotAuthorized,
            (WebexErrorKind::Answered(403), Some(code)) if PERMISSION_CODES.contains(&code) => {
                MintVerdict::NotAuthorized
            }
            _ => MintVerdict::Later,
        }
    }

    /// Reads a refused device token: Webex says 428 while it waits, RFC 8628 `authorization_pending`.
    pub fn device_verdict(&self) -> DeviceVerdict {
        match (self.kind, self.code.as_deref()) {
            (WebexErrorKind::Answered(400..=499), Some("slow_down")) => DeviceVerdict::SlowDown,
            (WebexErrorKind::Answered(428), _) | (WebexErrorKind::Answered(400), Some("authorization_pending")) => {
                DeviceVerdict::Waiting
            }
            _ => DeviceVerdict::Over,
        }
    }

    /// Whether the answer proves that the bearer token is dead: a 401 in Webex's voice, with a tracking id.
    pub fn proves_dead(&self) -> bool {
        self.is_unauthorized() && self.tracking_id.is_some()
    }

    /// Whether Webex answered 401, which for a bearer token means that it is dead.
    pub fn is_unauthorized(&self) -> bool {
        self.kind == WebexErrorKind::Answered(401)
    }

    fn is_about_rights(&self) -> bool {
        let words = self.description.as_deref().unwrap_or_default().to_ascii_lowercase();
        ["scope", "role", "licens"].iter().any(|hint| words.contains(hint))
    }

    /// Rate limits have been seen under 403; they say so in words or by asking us to stay away.
    fn is_about_pace(&self) -> bool {
        let words = self.description.as_deref().unwrap_or_default().to_ascii_lowercase();
        self.retry_after.is_some() || ["rate limit", "too many", "throttl"].iter().any(|hint| words.contains(hint))
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
    fn each_refused_refresh_means_one_thing() {
        use RefreshVerdict::{Finished, FinishedIfRepeated, Later};
        let table = [
            (400, Some("invalid_grant"), Finished),
            (401, Some("invalid_grant"), Finished),
            (403, Some("invalid_grant"), Finished),
            (400, None, FinishedIfRepeated),
            (401, None, FinishedIfRepeated),
            (403, None, FinishedIfRepeated),
            (400, Some("invalid_request"), FinishedIfRepeated),
            (400, Some("invalid_client"), Later), // a regenerated secret is not a lost grant
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
    fn each_refused_mint_means_one_thing() {
        use MintVerdict::{BearerRefused, Later, NotAuthorized};
        let table = [
            (403, None, NotAuthorized),
            (403, Some("access_denied"), NotAuthorized),
            (403, Some("tokenlimit_reached"), Later),
            (403, Some("rate_limited"), Later),
            (403, Some("insufficient_scope"), Later), // the minter's scopes, not the org's will
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
    fn each_refused_device_token_means_one_thing() {
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
    fn a_403_that_is_about_pace_says_nothing_about_the_org() {
        let waits = WebexError { retry_after: Some(SignedDuration::from_secs(1)), ..answered(403, None) };
        let says = WebexError { description: Some("Too many requests, slow down".to_owned()), ..answered(403, None) };
        for error in [waits, says] {
            assert_eq!(error.mint_verdict(), MintVerdict::Later);
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
        }
    }

    #[test]
    fn no_answer_says_nothing() {
        for kind in [WebexErrorKind::TimedOut, WebexErrorKind::Unreachable, WebexErrorKind::Unintelligible] {
            let error = WebexError { kind, ..answered(0, None) };
            assert_eq!(error.mint_verdict(), MintVerdict::Later);
            assert_eq!(error.refresh_verdict(), RefreshVerdict::Later);
        }
    }
}
