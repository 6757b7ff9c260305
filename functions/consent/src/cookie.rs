//! Cookies with the `__Host-` prefix: only this host sets them, and browsers send them to this host alone
//! (RFC 6265bis section 4.1.3.2).

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use jiff::SignedDuration;
use lambda_http::Request;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::COOKIE;

/// The cookies of this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostCookie {
    /// The operator's session.
    Session,
    /// The authorization flow in progress, or the one that ended last.
    Flow,
}

impl HostCookie {
    fn name(self) -> &'static str {
        match self {
            Self::Session => "__Host-consent-session",
            Self::Flow => "__Host-consent-flow",
        }
    }

    /// Returns the value that the browser sent; `None` if there is none, or if there are several that differ.
    pub(crate) fn read(self, request: &Request) -> Option<String> {
        let mut values = Vec::new();
        for header in request.headers().get_all(COOKIE) {
            for cookie in Cookie::split_parse(header.to_str().ok()?).flatten() {
                if cookie.name() == self.name() {
                    values.push(cookie.value().to_owned());
                }
            }
        }
        values.dedup();
        match values.as_slice() {
            [value] if !value.is_empty() => Some(value.clone()),
            _ => None,
        }
    }

    /// Returns the `Set-Cookie` header for `value`.
    ///
    /// `SameSite=Lax`, because Webex redirects the browser back from its own site.
    pub(crate) fn set(self, value: &str, lifetime: SignedDuration) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(), value))
            .path("/")
            .max_age(Duration::seconds(lifetime.as_secs()))
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax);
        HeaderValue::try_from(cookie.to_string()).ok()
    }

    /// Returns the `Set-Cookie` header that deletes the cookie.
    pub(crate) fn delete(self) -> Option<HeaderValue> {
        self.set("", SignedDuration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn read(header: &str) -> Option<String> {
        let request = lambda_http::http::Request::get("http://x/").header(COOKIE, header);
        HostCookie::Flow.read(&request.body(Body::Empty).unwrap())
    }

    #[test]
    fn read_takes_one_value_and_refuses_two() {
        assert_eq!(read("a=b; __Host-consent-flow=x.y; c=d").as_deref(), Some("x.y"));
        assert_eq!(read("__Host-consent-flow=x; __Host-consent-flow=x").as_deref(), Some("x"));
        assert_eq!(read("__Host-consent-flow=x; __Host-consent-flow=y"), None);
        assert_eq!(read("consent-flow=x; __host-consent-flow=x"), None);
        assert_eq!(read("__Host-consent-flow="), None);
    }

    #[test]
    fn set_binds_the_cookie_to_host_and_https() {
        let header = HostCookie::Flow.set("v", SignedDuration::from_mins(10)).unwrap();
        assert_eq!(header, "__Host-consent-flow=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600");
        let header = HostCookie::Session.delete().unwrap();
        assert_eq!(header, "__Host-consent-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
    }
}
