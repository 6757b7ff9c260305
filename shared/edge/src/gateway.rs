//! Events as gateways send them, made safe for `lambda_http`.
//!
//! It builds a URL of what the event holds and panics if that is none: a `"` in the query or a blank in the `Host` header
//! would end the process, and anybody can send those.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::Uri;
use lambda_http::http::header::HOST;
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

/// What a URL's query cannot hold as it is (RFC 3986 section 3.4); all that is not ASCII is escaped as well.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'#')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Takes out of an event what cannot be part of a URL.
pub(crate) fn tame(event: &mut LambdaRequest) {
    if let LambdaRequest::ApiGatewayV2(event) = event {
        tame_event(event);
    }
}

fn tame_event(event: &mut ApiGatewayV2httpRequest) {
    let path = event.raw_path.take().unwrap_or_default();
    let path = format!("/{}", path.strip_prefix('/').unwrap_or(&path));
    let host = event.headers.get(HOST).map(|host| host.to_str().unwrap_or(" "));
    let host = host.or(event.request_context.domain_name.as_deref());
    let scheme = event.headers.get("x-forwarded-proto").map(|scheme| scheme.to_str().unwrap_or(" "));
    if host.is_some_and(|host| !makes_a_url(scheme.unwrap_or("https"), host, &path)) {
        event.headers.remove(HOST);
        event.headers.remove("x-forwarded-proto");
        event.request_context.domain_name = None;
    }
    event.raw_path = Some(path);
    let escaped = |query: &String| utf8_percent_encode(query, NOT_IN_A_QUERY).to_string();
    event.raw_query_string = event.raw_query_string.as_ref().map(escaped);
}

/// Whether both parsers that are asked take it.
fn makes_a_url(scheme: &str, host: &str, path: &str) -> bool {
    let url = Url::parse(&format!("{scheme}://{host}{path}"));
    url.is_ok_and(|url| url.as_str().parse::<Uri>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::{Request, RequestExt};
    use serde_json::json;

    fn tamed(path: &str, query: &str, headers: &serde_json::Value) -> Request {
        let event = json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers, "isBase64Encoded": false,
            "requestContext": {"stage": "$default", "http": {"method": "GET", "path": path}},
        });
        let mut event: LambdaRequest = serde_json::from_value(event).unwrap();
        tame(&mut event);
        event.into()
    }

    #[test]
    fn nothing_that_a_stranger_can_send_ends_the_function() {
        for host in ["a b", "", " ", "x:99999", "[", "u@", "ä"] {
            assert_eq!(tamed("/a", "", &json!({"host": host})).raw_http_path(), "/a", "{host}");
        }
        for scheme in ["ht tp", "", "1", "://"] {
            let headers = json!({"host": "x.example", "x-forwarded-proto": scheme});
            assert_eq!(tamed("/a", "", &headers).raw_http_path(), "/a", "{scheme}");
        }
        for path in ["", "/", "a", ":99999/", "@", "/ä \"<>%?#", "//x", "/\\x", "/\u{0}"] {
            tamed(path, "", &json!({"host": "x.example"}));
            tamed(path, "", &json!({}));
        }
    }

    #[test]
    fn a_query_keeps_its_meaning() {
        for query in ["a=\"b\"", "a=<>", "a=b c", "a=ä", "a=%ZZ", "a={|}^`\\", "a=b#c", "a=\u{0}"] {
            let request = tamed("/", query, &json!({"host": "x.example"}));
            assert!(request.uri().query().unwrap().starts_with("a="), "{query}");
        }
        let request = tamed("/", "next=a%2Bb%3D&x=1+2", &json!({}));
        assert_eq!(request.uri().query(), Some("next=a%2Bb%3D&x=1+2"));
    }

    #[test]
    fn what_is_fine_stays_as_it_is() {
        let request = tamed("/webhooks/a", "", &json!({"host": "x.example", "x-forwarded-proto": "https"}));
        assert_eq!(request.uri(), "https://x.example/webhooks/a");
        assert_eq!(request.headers()["host"], "x.example");
    }

    proptest::proptest! {
        #[test]
        fn no_event_panics(path in ".{0,20}", query in ".{0,20}", host in "[ -~]{0,12}", scheme in "[ -~]{0,6}") {
            tamed(&path, &query, &json!({"host": host, "x-forwarded-proto": scheme}));
        }
    }
}
