//! Pages: what goes into the templates, and the headers around them.

mod home;
mod outcome;
mod review;

use askama::Template;
use lambda_http::http::header::{ALLOW, LOCATION, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use lambda_kit::http_function;

use crate::Refusal;

pub(crate) use home::home;
pub(crate) use outcome::{granted, refusal};
pub(crate) use review::review;

/// Everything from here, nothing inline, no frames. Forms lead to pages of ours: the way to Webex is a link, because a
/// browser that follows a form's redirects would want each of Webex's own sign-in hosts listed here.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// What every page and redirect carries.
const HEADERS: [(&str, &str); 9] = [
    ("content-security-policy", POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// What all pages have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Changes with the assets.
    pub(crate) version: &'a str,
    /// Whether there is a session that one can leave.
    pub(crate) has_key: bool,
}

fn respond(status: StatusCode, template: &impl Template) -> Response<Body> {
    match template.render() {
        Ok(html) => guarded(http_function::answer(status, "text/html; charset=utf-8", html)),
        Err(error) => {
            tracing::error!(outcome = "not_rendered", "a page could not be rendered: {error}");
            let text = "The page could not be made.".to_owned();
            guarded(http_function::answer(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", text))
        }
    }
}

fn guarded(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Sends the browser to `url`: one of our own pages, or Webex's.
pub(crate) fn redirect(status: StatusCode, url: &str) -> Response<Body> {
    let mut response = guarded(http_function::answer(status, "text/plain", String::new()));
    if let Ok(url) = HeaderValue::try_from(url) {
        response.headers_mut().insert(LOCATION, url);
    }
    response
}

/// Sends a cookie along.
pub(crate) fn add_cookie(response: &mut Response<Body>, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// What programs are to know: when to try again, how to get in, which methods there are.
fn add_hints(response: &mut Response<Body>, refusal: &Refusal) {
    let (name, value) = match refusal {
        Refusal::Throttled(wait) => (RETRY_AFTER, (wait.as_secs() + 1).into()),
        // No scheme that a browser knows: it is to show the page, which has a form.
        Refusal::KeyNeeded => (WWW_AUTHENTICATE, HeaderValue::from_static("OperatorKey")),
        Refusal::Method(allowed) => (ALLOW, HeaderValue::from_static(allowed)),
        _ => return,
    };
    response.headers_mut().insert(name, value);
}
