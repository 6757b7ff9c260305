//! Error pages: a message, or the form for the operator key.

use askama::Template;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use lambda_http::{Body, Response};

use super::{PageFrame, render};
use crate::error::Error;
use crate::message::Message;

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: &'a PageFrame<'a>,
    message: Message,
    tracking_id: Option<&'a str>,
    /// Link that makes the same request again.
    retry: Option<String>,
    /// Link to the first page with the same request filled in.
    change: Option<String>,
}

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage<'a> {
    frame: &'a PageFrame<'a>,
    message: Message,
    /// Whether an attempt has failed.
    is_error: bool,
    /// Seconds until the next attempt.
    wait: Option<i64>,
}

/// Renders the page for an error. Operators get the form for the key with what is wrong about it.
pub(crate) fn error_page(frame: &PageFrame<'_>, error: &Error, message: Message) -> Response<Body> {
    let mut response = match error {
        Error::KeyRequired => key_page(frame, message, false, None),
        Error::WrongKey => key_page(frame, message, true, None),
        Error::TooManyAttempts { retry_after } => key_page(frame, message, true, Some(retry_after.as_secs() + 1)),
        _ => message_page(frame, error, message),
    };
    add_headers(&mut response, error);
    response
}

fn key_page(frame: &PageFrame<'_>, message: Message, is_error: bool, wait: Option<i64>) -> Response<Body> {
    let status = message.status;
    render(status, &KeyPage { frame, message, is_error, wait })
}

fn message_page(frame: &PageFrame<'_>, error: &Error, message: Message) -> Response<Body> {
    let status = message.status;
    let query = error.grant_request().map(|request| request.query());
    let page = MessagePage {
        frame,
        message,
        tracking_id: error.tracking_id(),
        retry: query.as_ref().map(|query| format!("start?{query}")),
        change: query.map(|query| format!("./?{query}")),
    };
    render(status, &page)
}

/// Adds the headers that HTTP asks for with some statuses.
fn add_headers(response: &mut Response<Body>, error: &Error) {
    let (name, value) = match error {
        Error::TooManyAttempts { retry_after } => (RETRY_AFTER, (retry_after.as_secs() + 1).into()),
        // Browsers know no such scheme, so they show the page instead of a dialogue.
        Error::KeyRequired => (WWW_AUTHENTICATE, HeaderValue::from_static("OperatorKey")),
        Error::MethodNotAllowed { allowed } => (ALLOW, HeaderValue::from_static(allowed)),
        _ => return,
    };
    response.headers_mut().insert(name, value);
}
