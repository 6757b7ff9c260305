//! The page to which an operator returns after entering the key.

use lambda_http::http::Method;
use lambda_http::{Body, Request};
use lambda_kit::http_function;
use url::Url;

use crate::parameters::Parameters;
use crate::router::ConsentRoute;

/// Stands for this host when addresses are read.
const HOST: &str = "https://consent.invalid/";
/// Longer addresses are forgotten.
const MAX_BYTES: usize = 4096;

/// The page that `request` asked for, as an address from the root. A form that acts leads to the page that has it; the
/// form for the key passes on what it was given.
pub(crate) fn of_request(request: &Request) -> Option<String> {
    let segments = http_function::segments(request);
    let path = match segments.as_slice() {
        [key] if key == "key" => return checked(Parameters::from_form(request).get("return_to")?),
        [rest @ .., _] if *request.method() == Method::POST => rest.join("/"),
        all => all.join("/"),
    };
    match request.uri().query() {
        Some(query) if !query.is_empty() => checked(&format!("{path}?{query}")),
        _ => checked(&path),
    }
}

/// `address` if it is one of a page of this function, from the root and without `./`. Anything else is forgotten, so that
/// no link leads an operator to another site.
pub(crate) fn checked(address: &str) -> Option<String> {
    let host = Url::parse(HOST).ok()?;
    let url = host.join(address).ok()?;
    if url.origin() != host.origin() || address.len() > MAX_BYTES {
        return None;
    }
    let request = lambda_http::http::Request::get(url.as_str()).body(Body::Empty).ok()?;
    let path = match ConsentRoute::find(&request).ok()? {
        // Another site may have chosen the scopes, and after the key nothing shows that the link came from there.
        ConsentRoute::Start => "review",
        route if route.is_page() => url.path().trim_start_matches('/'),
        _ => return None,
    };
    match url.query() {
        Some(query) => Some(format!("{path}?{query}")),
        None => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_keeps_pages_of_this_function_alone() {
        for address in ["", "fleet?app=reports&q=a%22b", "review?app=minter", "fleet/reports/default", "?app=a"] {
            assert_eq!(checked(address).as_deref(), Some(address));
        }
        assert_eq!(checked("start?app=minter").as_deref(), Some("review?app=minter"));
        let refused = [
            "//evil.example/fleet",
            "https://evil.example/fleet",
            "\\\\evil.example/fleet",
            ".//evil.example/fleet",
            "javascript:alert(1)",
            "callback?code=c",
            "key",
            "assets/consent.js",
            "fleet/reports/default/remove",
            "elsewhere",
        ];
        for address in refused {
            assert_eq!(checked(address), None, "{address}");
        }
    }
}
