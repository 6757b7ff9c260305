//! Texts for requests that are not admitted.

use lambda_http::http::StatusCode;

use crate::message::Message;

pub(super) fn not_found() -> Message {
    Message::new(
        StatusCode::NOT_FOUND,
        "Page not found",
        "There is no page at this address.",
        ["Go to the first page."],
    )
}

pub(super) fn method_not_allowed() -> Message {
    Message::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Method not allowed",
        "This address does not accept requests of this kind.",
        ["Go to the first page."],
    )
}

pub(super) fn cross_site() -> Message {
    Message::new(
        StatusCode::FORBIDDEN,
        "Another site sent you here",
        "Another site sent this request, so it was not carried out.",
        ["Go to the first page and enter the key there."],
    )
}

pub(super) fn loopback_only() -> Message {
    Message::new(
        StatusCode::FORBIDDEN,
        "Access denied",
        "No operator key is configured, so this page is available only on the machine that it runs on.",
        [
            "If this is your deployment, set CONSENT_KEY_SHA256 to the SHA-256 of a long random key, in hexadecimal. The \
             README shows the commands.",
            "If the function runs on this machine, open the page as localhost, without a proxy or a tunnel.",
        ],
    )
}

pub(super) fn key_required() -> Message {
    Message::new(
        StatusCode::UNAUTHORIZED,
        "Operators only",
        "Enter the operator key to connect a Webex account to the token broker.",
        [],
    )
}

pub(super) fn wrong_key() -> Message {
    Message::new(
        StatusCode::FORBIDDEN,
        "Wrong key",
        "This is not the operator key. Its SHA-256 differs from CONSENT_KEY_SHA256 of this deployment.",
        [],
    )
}

pub(super) fn too_many_attempts() -> Message {
    Message::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", "Too many keys were entered in a short time.", [])
}
