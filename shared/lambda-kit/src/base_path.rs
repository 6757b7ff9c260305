//! The path below which a deployment answers, on a domain that it shares with others.

use lambda_http::Request;
use lambda_http::http::Uri;
use lambda_http::http::uri::PathAndQuery;

/// The path that a custom domain maps to the deployment: `/webex` of `https://api.example/webex`. Empty for the root.
///
/// API Gateway passes the path to the function as the client sent it, the mapped path included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// Reads segments of `A-Z a-z 0-9 . _ -`, separated by slashes; a slash at either end makes no difference.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.trim_matches('/');
        if path.is_empty() || !path.split('/').all(is_segment) {
            return None;
        }
        Some(Self(format!("/{path}")))
    }

    /// Takes the base path out of the request's. A request without it stays as it is: it came by another address of the
    /// function.
    pub fn strip(&self, request: &mut Request) {
        let Some(rest) = self.rest(request.uri()) else { return };
        let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        if let Ok(rest) = PathAndQuery::try_from(rest) {
            *request.uri_mut() = Uri::from(rest);
        }
    }

    /// The last segment, if the request is for the base path without a slash at its end: relative links of a page at this
    /// address would lead out of the deployment.
    pub fn without_slash(&self, request: &Request) -> Option<&str> {
        let is_base = !self.0.is_empty() && request.uri().path() == self.0;
        if is_base { self.0.rsplit('/').next() } else { None }
    }

    /// Path and query after the base path.
    fn rest<'a>(&self, uri: &'a Uri) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let rest = uri.path_and_query()?.as_str().strip_prefix(&self.0)?;
        if rest.is_empty() || rest.starts_with(['/', '?']) { Some(rest) } else { None }
    }
}

fn is_segment(text: &str) -> bool {
    let has_characters = text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'));
    !text.is_empty() && has_characters && text != "." && text != ".."
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn request(address: &str) -> Request {
        lambda_http::http::Request::get(address).body(Body::Empty).unwrap()
    }

    fn stripped(base: &str, address: &str) -> String {
        let mut request = request(address);
        BasePath::parse(base).unwrap().strip(&mut request);
        request.uri().to_string()
    }

    #[test]
    fn parse_reads_segments() {
        for good in ["webex", "/webex", "webex/", "team-a/webex_2/v1.0"] {
            assert!(BasePath::parse(good).is_some(), "{good}");
        }
        for bad in ["", "/", "a//b", "a b", "a?b", "a/../b", ".", "a%2Fb", "é"] {
            assert_eq!(BasePath::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn strip_takes_whole_segments_once() {
        for (address, rest) in [
            ("/webex/v1/apps?next=a", "/v1/apps?next=a"),
            ("/webex", "/"),
            ("/webex?a=b", "/?a=b"),
            ("/webex/", "/"),
            ("/webex/webex/x", "/webex/x"),
            ("/webexes/x", "/webexes/x"),
            ("/v1/apps", "/v1/apps"),
            ("/", "/"),
        ] {
            assert_eq!(stripped("webex", address), rest, "{address}");
        }
        assert_eq!(stripped("team/webex", "/team/webex/healthz"), "/healthz");
        let mut at_root = request("/webex/x");
        BasePath::default().strip(&mut at_root);
        assert_eq!(at_root.uri(), "/webex/x");
    }

    #[test]
    fn without_slash_knows_the_base_path_alone() {
        let base = BasePath::parse("team/webex").unwrap();
        assert_eq!(base.without_slash(&request("/team/webex?a=b")), Some("webex"));
        for other in ["/team/webex/", "/team", "/", "/x"] {
            assert_eq!(base.without_slash(&request(other)), None, "{other}");
        }
        assert_eq!(BasePath::default().without_slash(&request("/")), None);
    }
}
