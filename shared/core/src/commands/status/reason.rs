//! A grant's condition in words, for people.

use crate::grant::{Failure, Grant, State};

/// Explains the condition of a grant and what to do; `None` if all is well.
pub(super) fn reason_of(grant: &Grant) -> Option<String> {
    if grant.blocked {
        return Some("blocked by an operator, whatever events say; unblock lets it in again".to_owned());
    }
    if let Some(failure) = &grant.failure {
        return Some(words_for(&failure.code).to_owned());
    }
    let reason = match grant.state {
        State::Active => return None,
        State::Pending => "waits for Webex to confirm the authorisation; each sweep asks",
        State::Fenced => "nothing is vended since an event announced a withdrawal; a sweep asks Webex",
        State::Revoked => "the grant has ended; the next sweep schedules its secret for deletion",
    };
    Some(reason.to_owned())
}

/// Explains the code of a failed renewal and what to do about it.
pub(crate) fn words_for(code: &str) -> &'static str {
    match code {
        Failure::REAUTHORIZED => "authorised again; the next sweep gets a new pair",
        "invalid_client" => {
            "Webex refused the client id or the client secret: correct them in the secret of the app (wtb app \
             rotate-secret)"
        }
        "http_400" => {
            "Webex refused the request without a reason; it answers so to a wrong client secret too: compare the \
             secret of the app with the developer portal"
        }
        "invalid_grant" => "the refresh token has ended: a person must consent again, or import a new pair",
        "no_refresh_token" => "there is no refresh token: a person must consent again, or import a pair",
        "foreign_answer" => {
            "the answers do not come from Webex: a proxy or a gateway is in the way; the pair is kept and each sweep \
             tries again"
        }
        "not_authorized" => {
            "the organisation has not authorised the app, according to Webex; it may lag, each sweep asks"
        }
        "not_confirmed" => {
            "Webex refuses to mint, but nothing confirms that the organisation has withdrawn: look in the developer \
             portal, then sweep with allow_retirements, or restore"
        }
        "retirements_held" => {
            "too many grants of the app would end at once: look at the app in the developer portal, then sweep with \
             allow_retirements"
        }
        "minter_refused" => {
            "Webex refuses the minter: its owner must own the Service App, and its token needs the scope \
             spark:applications_token"
        }
        "minter_missing" => "there is no minter: set it up by consent, wtb minter connect or import",
        "minter_ended" => "the minter has ended: set it up again by consent, wtb minter connect or import",
        "unknown_app" => "the secret of the app is missing or cannot be read",
        "tokenlimit_reached" => "the account has too many live tokens; they end by themselves within 14 days",
        "timed_out" | "unreachable" => "Webex did not answer; each sweep tries again",
        code if code.starts_with("http_5") => "Webex failed; each sweep tries again",
        "http_429" | "http_423" => "Webex asked to wait; each sweep tries again",
        _ => "the last renewal failed; each sweep tries again",
    }
}
