//! Words at doors that do not open.

use lambda_http::http::StatusCode;

use super::Message;
use crate::Refusal;

/// No page, or not that way.
pub(super) fn lost_the_way(refusal: &Refusal) -> Message {
    match refusal {
        Refusal::Method(_) => Message::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This page works another way",
            "The request was not one that this page understands.",
            ["Go to the first page."],
        ),
        Refusal::AnotherSite => Message::new(
            StatusCode::FORBIDDEN,
            "Another site sent you here",
            "The request came from a page that is not one of ours, so it was not carried out.",
            ["Go to the first page and do it from there."],
        ),
        _ => Message::new(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "Nothing is to be found at this address.",
            ["Go to the first page."],
        ),
    }
}

/// Not for everybody.
pub(super) fn closed(refusal: &Refusal) -> Message {
    match refusal {
        Refusal::ThisMachineOnly => Message::new(
            StatusCode::FORBIDDEN,
            "This page is closed",
            "No operator key is set, so the page answers only on the machine that it runs on.",
            [
                "If this is your deployment: set CONSENT_KEY_SHA256 to the SHA-256 of a long random key, in hexadecimal. \
                 The README says how.",
                "If it runs on this machine: open it as localhost, without a proxy or a tunnel in between.",
            ],
        ),
        Refusal::WrongKey => Message::new(
            StatusCode::FORBIDDEN,
            "That is not the key",
            "The operator key is the one whose SHA-256 the deployment was given.",
            [],
        ),
        Refusal::Throttled(_) => Message::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many tries",
            "The operator key was tried too often in a short time.",
            [],
        ),
        _ => Message::new(
            StatusCode::UNAUTHORIZED,
            "Operators only",
            "This page connects Webex accounts to a token broker. The operator key opens it.",
            [],
        ),
    }
}
