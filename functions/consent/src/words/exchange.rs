//! Words for what goes wrong after Webex has said yes.

use broker_core::request;
use lambda_http::http::StatusCode;

use super::Message;
use crate::choice::Choice;

const AGAIN: &str = "Try again. Webex remembers that you agreed, and nothing that you granted is lost by trying again.";

/// The refresher did not answer in time, or failed.
pub(super) fn no_answer() -> Message {
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Granted at Webex, not yet stored here",
        "Webex has granted what you asked for. The refresher, which turns that into a token pair, did not answer.",
        [AGAIN, "If it stays like this, look at the refresher's log."],
    )
}

/// The refresher could not list the apps.
pub(super) fn apps_refused(refusal: &request::CommandError) -> Message {
    let message = Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The apps cannot be listed",
        "The refresher could not read which apps there are.",
        ["Try again in a minute. If it stays like this, look at the refresher's log."],
    );
    told(message, refusal)
}

/// What goes into a message: status, title, what happened, what to do.
type Words = (StatusCode, &'static str, String, String);

/// The refresher answered that it could not.
pub(super) fn refused(choice: &Choice, refusal: &request::CommandError) -> Message {
    let code = refusal.code.as_str();
    let about_us = about_the_deployment(code, choice);
    let (status, title, lead, step) = about_us.unwrap_or_else(|| about_the_grant(code));
    let support = "If it stays like this, give Cisco support the tracking id.";
    let support = refusal.tracking_id.is_some().then(|| support.to_owned());
    let message = Message::new(status, title, &lead, []);
    let steps = std::iter::once(step).chain(support).collect();
    told(Message { steps, ..message }, refusal)
}

fn about_the_deployment(code: &str, choice: &Choice) -> Option<Words> {
    let app = &choice.id.app;
    let words = match code {
        "invalid_client" | "unauthorized_client" => (
            StatusCode::BAD_GATEWAY,
            "The Integration's secret is wrong",
            format!("Webex does not accept the client id and secret that the secret apps/{app} has."),
            format!("Put the Integration's current client secret into apps/{app}, then try again."),
        ),
        "unknown_app" | "wrong_kind" => (
            StatusCode::BAD_GATEWAY,
            "The Integration is gone",
            format!("The secret apps/{app} is no longer there, or no longer describes an Integration."),
            format!("Describe the Integration in apps/{app}, then try again."),
        ),
        "store_unavailable" | "store_refused" | "contended" => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Granted at Webex, not yet stored here",
            "Webex has granted what you asked for, but the token pair could not be stored.".to_owned(),
            AGAIN.to_owned(),
        ),
        _ => return None,
    };
    Some(words)
}

fn about_the_grant(code: &str) -> Words {
    match code {
        "invalid_grant" => (
            StatusCode::BAD_GATEWAY,
            "Webex did not take the code",
            "Webex granted what you asked for, and then did not accept the code that it had sent. A code lives for minutes \
             and works once."
                .to_owned(),
            AGAIN.to_owned(),
        ),
        "fenced" => (
            StatusCode::CONFLICT,
            "The grant is fenced",
            "Webex said that this grant was withdrawn, and has not yet confirmed the opposite.".to_owned(),
            "Wait for the next sweep, which asks Webex, then try again; or choose another name for the grant.".to_owned(),
        ),
        "tokenlimit_reached" => (
            StatusCode::BAD_GATEWAY,
            "The account has too many tokens",
            "Webex gives an account no more than 750 live access tokens.".to_owned(),
            "Wait until some have ended, or use another account.".to_owned(),
        ),
        _ => (
            StatusCode::BAD_GATEWAY,
            "Granted at Webex, not exchanged",
            "Webex has granted what you asked for, but gave no token pair for it.".to_owned(),
            AGAIN.to_owned(),
        ),
    }
}

fn told(message: Message, refusal: &request::CommandError) -> Message {
    Message { code: Some(refusal.code.clone()), said: Some(refusal.detail.clone()), ..message }
}
