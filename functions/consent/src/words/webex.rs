//! Words for those who come back from Webex without a grant.

use lambda_http::http::StatusCode;

use super::{Message, START_AGAIN};
use crate::flow::Lost;
use crate::returned::Returned;

/// The answer is not this browser's to bring.
pub(super) fn not_believed(lost: Lost) -> Message {
    let (title, lead, more) = match lost {
        Lost::Missing => (
            "No sign-in is under way here",
            "This browser has no sign-in under way: it was started in another browser, has come back already, took longer \
             than ten minutes, or the browser keeps no cookies from this page.",
            "Let this browser keep cookies from this page, and use one browser from beginning to end.",
        ),
        Lost::Unsealed => (
            "This sign-in was not started here",
            "What this browser kept about the sign-in was not written by this page, or was written under another \
             operator key.",
            "If this happens again, remove this page's cookies from the browser.",
        ),
        Lost::Expired => (
            "The sign-in took too long",
            "More than ten minutes have passed since it was started.",
            "Have the account and its second factor at hand before you start.",
        ),
        Lost::Wrong => (
            "This answer belongs to another sign-in",
            "What came back from Webex does not fit the sign-in that this browser started last. Perhaps there were two, in \
             two windows; or somebody sent you a link.",
            "Use one window. If you followed a link from somebody else, do not follow it again.",
        ),
        Lost::Replayed => (
            "This answer has been used",
            "The same answer from Webex has come here before. It counts once.",
            "To see the outcome, look at the page that it came to first.",
        ),
    };
    Message::new(StatusCode::BAD_REQUEST, title, lead, [START_AGAIN, more])
}

/// Webex said no.
pub(super) fn not_granted(returned: &Returned) -> Message {
    let code = returned.code.as_str();
    let mut message = about_the_person(code).unwrap_or_else(|| about_webex(code));
    let asked = match returned.choice.scopes.len() {
        1 => "1 scope".to_owned(),
        many => format!("{many} scopes"),
    };
    let nothing = format!("Nothing was changed: {asked} had been asked for and none was granted.");
    message.steps.push(nothing);
    Message { code: Some(returned.code.clone()), said: returned.description.clone(), ..message }
}

fn about_the_person(code: &str) -> Option<Message> {
    let (title, lead, steps) = match code {
        "invalid_scope" => (
            "Your account cannot grant these scopes",
            "Webex says that the account you signed in with is not entitled to what was asked for. Most often a standard \
             user was asked for administrator scopes.",
            [
                "Sign in as a full administrator of the organisation. Compliance scopes need one who is a compliance \
                 officer as well.",
                "Or ask for fewer scopes. All must be ticked at the Integration on developer.webex.com, too.",
            ],
        ),
        "access_denied" => (
            "Webex did not grant access",
            "Either Decline was pressed, or the organisation's policy does not allow this Integration.",
            [
                "If it was not you who declined: ask the organisation's administrator to allow the Integration in Control \
                 Hub, under Apps, Integrations.",
                "Or use another account.",
            ],
        ),
        "login_required" => (
            "Webex wants you to sign in",
            "There was no session at Webex, and it was not allowed to ask for one.",
            ["Start again, and sign in when Webex asks.", "If Webex does not ask, sign in at web.webex.com first."],
        ),
        _ => return None,
    };
    Some(Message::new(StatusCode::FORBIDDEN, title, lead, steps))
}

fn about_webex(code: &str) -> Message {
    let (title, lead, steps) = match code {
        "server_error" | "temporarily_unavailable" => (
            "Webex has a problem",
            "Webex could not complete the sign-in. It is not about your account or the scopes.",
            [
                "Try again in a few minutes; status.webex.com tells about outages.",
                "If it stays like this, give Cisco support the tracking id.",
            ],
        ),
        _ => (
            "Webex did not grant access",
            "Webex sent you back with a reason that this page does not know.",
            [
                "Read what Webex says below; it may be about how the Integration is registered on developer.webex.com.",
                "If it does not help, give Cisco support the tracking id.",
            ],
        ),
    };
    Message::new(StatusCode::BAD_GATEWAY, title, lead, steps)
}
