//! HTML responses: templates, and the headers that every page carries.

use askama::Template;
use lambda_http::http::header::{LOCATION, SET_COOKIE};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode};
use lambda_http::{Body, Request, Response};
use lambda_kit::http_function;

/// Everything comes from this host, nothing is inline, and no page may be framed. Forms lead to this host's pages: the
/// way to Webex is a link, because browsers apply `form-action` to redirects too, and Webex signs in at many hosts.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                                       form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                                       require-trusted-types-for 'script'";

/// The headers of every page and redirect.
const SECURITY_HEADERS: [(&str, &str); 9] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// What every page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageFrame<'a> {
    /// Changes with the assets, so that browsers load new ones.
    pub(crate) assets_version: &'a str,
    /// Whether there is a session to leave.
    pub(crate) has_key: bool,
    /// Whether it is for a person who came by a link: nothing leads to the operators' pages.
    pub(crate) is_guest: bool,
    /// The way from this page to the root of the pages, which may be below the root of the host.
    pub(crate) root: &'static str,
    /// The first segment of the path, which the navigation marks.
    pub(crate) section: &'static str,
}

/// The way to the root from a page whose path has so many segments. No page has more.
const ROOTS: [&str; 6] = ["./", "./", "../", "../../", "../../../", "../../../../"];
/// The pages in the navigation.
const SECTIONS: [&str; 4] = ["", "fleet", "apps", "minter"];

impl<'a> PageFrame<'a> {
    /// The frame of the page that `request` asks for.
    pub(crate) fn new(request: &Request, assets_version: &'a str, has_key: bool) -> Self {
        let segments = http_function::segments(request);
        let depth = segments.len().min(ROOTS.len() - 1);
        let first = segments.first().map(AsRef::as_ref);
        let section = SECTIONS.into_iter().find(|section| Some(*section) == first);
        Self { assets_version, has_key, is_guest: false, root: ROOTS[depth], section: section.unwrap_or("none") }
    }
}

/// Renders a page.
pub(crate) fn render(status: StatusCode, template: &impl Template) -> Response<Body> {
    match template.render() {
        Ok(html) => with_security_headers(http_function::answer(status, "text/html; charset=utf-8", html)),
        Err(error) => {
            tracing::error!(outcome = "not_rendered", "a page could not be rendered: {error}");
            let text = "The page could not be rendered. See the log of the consent function.".to_owned();
            with_security_headers(http_function::answer(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", text))
        }
    }
}

/// Redirects the browser to a page of this function, or to Webex.
pub(crate) fn redirect(status: StatusCode, url: &str) -> Response<Body> {
    let mut response = with_security_headers(http_function::answer(status, "text/plain", String::new()));
    if let Ok(url) = HeaderValue::try_from(url) {
        response.headers_mut().insert(LOCATION, url);
    }
    response
}

/// Adds a `Set-Cookie` header.
pub(crate) fn add_cookie(response: &mut Response<Body>, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn with_security_headers(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in SECURITY_HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
