//! Cookies that only this host sets and only this host gets: the `__Host-` prefix (RFC 6265bis section 4.1.3.2).

use jiff::SignedDuration;
use lambda_http::Request;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::COOKIE;

/// One cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// That an operator showed the key.
    Session,
    /// The flow under way.
    Flow,
}

impl Cookie {
    fn name(self) -> &'static str {
        match self {
            Self::Session => "__Host-consent-session",
            Self::Flow => "__Host-consent-flow",
        }
    }

    /// What the browser sent, if it sent it once.
    pub(crate) fn read(self, request: &Request) -> Option<String> {
        let headers = request.headers().get_all(COOKIE).into_iter();
        let pairs: Vec<&str> =
            headers.filter_map(|header| header.to_str().ok()).flat_map(|header| header.split(';')).collect();
        let mut ours =
            pairs.into_iter().filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == self.name());
        let (_, value) = ours.next()?;
        let same = ours.all(|(_, other)| other == value);
        same.then(|| value.to_owned())
    }

    /// `SameSite=Lax`, because Webex sends the browser back to us from its own site.
    pub(crate) fn set(self, value: &str, lifetime: SignedDuration) -> Option<HeaderValue> {
        let (name, seconds) = (self.name(), lifetime.as_secs());
        let text = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
        HeaderValue::try_from(text).ok()
    }

    /// Takes it back.
    pub(crate) fn clear(self) -> Option<HeaderValue> {
        self.set("", SignedDuration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn read(header: &str) -> Option<String> {
        let request = lambda_http::http::Request::get("http://x/").header(COOKIE, header);
        Cookie::Flow.read(&request.body(Body::Empty).unwrap())
    }

    #[test]
    fn a_cookie_is_read_if_there_is_one() {
        assert_eq!(read("a=b; __Host-consent-flow=x.y; c=d").as_deref(), Some("x.y"));
        assert_eq!(read("__Host-consent-flow=x; __Host-consent-flow=x").as_deref(), Some("x"));
        assert_eq!(read("__Host-consent-flow=x; __Host-consent-flow=y"), None);
        assert_eq!(read("consent-flow=x; __host-consent-flow=x"), None);
    }

    #[test]
    fn a_cookie_is_bound_to_host_and_browser() {
        let set = Cookie::Flow.set("v", SignedDuration::from_mins(10)).unwrap();
        assert_eq!(set, "__Host-consent-flow=v; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax");
    }
}
