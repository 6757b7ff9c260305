//! Error pages: a message, or the form for the operator key.

use askama::Template;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use lambda_http::{Body, Response};

use crate::console::grant_view;
use crate::error::Error;
use crate::grant_request::GrantRequest;
use crate::message::Message;
use crate::page::{PageFrame, render};
use crate::return_path;
use crate::state::PageRequest;

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
    /// Link to the page of the grant.
    grant: Option<String>,
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
    /// The page that was asked for, from the root.
    return_to: Option<String>,
}

/// Renders the page for an error. Operators get the form for the key with what is wrong about it.
pub(crate) fn error_page(request: &PageRequest<'_>, error: &Error, message: Message) -> Response<Body> {
    let mut response = match error {
        Error::KeyRequired => key_page(request, message, false, None),
        Error::WrongKey => key_page(request, message, true, None),
        Error::TooManyAttempts { retry_after } => key_page(request, message, true, Some(retry_after.as_secs() + 1)),
        _ => message_page(&request.frame, error, message),
    };
    add_headers(&mut response, error);
    response
}

fn key_page(request: &PageRequest<'_>, message: Message, is_error: bool, wait: Option<i64>) -> Response<Body> {
    let status = message.status;
    let return_to = return_path::of_request(request.http);
    render(status, &KeyPage { frame: &request.frame, message, is_error, wait, return_to })
}

fn message_page(frame: &PageFrame<'_>, error: &Error, message: Message) -> Response<Body> {
    let status = message.status;
    let query = error.grant_request().map(GrantRequest::query);
    let page = MessagePage {
        frame,
        message,
        tracking_id: error.tracking_id(),
        retry: query.as_ref().map(|query| format!("{}start?{query}", frame.root)),
        change: query.map(|query| format!("{}?{query}", frame.root)),
        grant: error.grant().map(|id| format!("{}{}", frame.root, grant_view::page_of(id))),
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
