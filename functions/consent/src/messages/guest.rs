//! Texts for a person who came by a link. They name no secret and no setting: the reader is no operator.

use lambda_http::http::StatusCode;

use crate::invitation::LinkRefusal;
use crate::message::Message;

const ASK_AGAIN: &str = "Ask the operator who sent it for a new one.";

/// A link that is not accepted.
pub(super) fn refused(refusal: LinkRefusal) -> Message {
    match refusal {
        LinkRefusal::Invalid => Message::new(
            StatusCode::FORBIDDEN,
            "This link does not work",
            "The link is not one of this token broker, or it was made before a change of the app.",
            ["Check that the whole link was copied.", ASK_AGAIN],
        ),
        LinkRefusal::Expired => Message::new(
            StatusCode::GONE,
            "This link has expired",
            "The link was made more than a day ago.",
            [ASK_AGAIN],
        ),
        LinkRefusal::Spent => Message::new(
            StatusCode::GONE,
            "This link has been used",
            "The link works once, and only for the grant as it was. It has been used, or the grant has changed in the \
             meantime.",
            ["If you have consented already, there is nothing to do.", ASK_AGAIN],
        ),
        LinkRefusal::OtherOrg => Message::new(
            StatusCode::FORBIDDEN,
            "This account belongs to another organisation",
            "The grant belongs to an account of another Webex organisation than the one that you signed in with. Nothing \
             was stored.",
            ["Sign out at Webex, then open the link again and use the account that the operator named."],
        ),
    }
}

/// Webex's redirect does not belong to a sign-in that the link started.
pub(super) fn flow_refused() -> Message {
    Message::new(
        StatusCode::BAD_REQUEST,
        "The sign-in was not accepted",
        "It took longer than ten minutes, was started in another browser, or was finished before. This request changed \
         nothing.",
        ["Open the link again, in the browser in which you sign in, with cookies allowed."],
    )
}

/// The deployment fails: the person cannot repair it.
pub(super) fn unavailable() -> Message {
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The token broker cannot do this now",
        "Your account and your consent are not the cause.",
        ["Open the link again in a few minutes.", "If the error remains, tell the operator who sent the link."],
    )
}
