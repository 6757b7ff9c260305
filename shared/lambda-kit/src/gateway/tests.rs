use super::*;
use crate::http_function::{gateway, segments};
use lambda_http::Context;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

fn event(path: &str, query: &str, more: &Value) -> Value {
    let mut event = json!({
        "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": {}, "isBase64Encoded": false,
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": path}},
    });
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

pub(crate) fn to_request(event: Value) -> Request {
    request(LambdaEvent { payload: serde_json::from_value(event).unwrap(), context: Context::default() })
}

fn with_headers(path: &str, query: &str, headers: &Value) -> Request {
    to_request(event(path, query, &json!({"headers": headers})))
}

struct FixedResponse(fn() -> Response<Body>);

impl HttpFunction for FixedResponse {
    async fn handle(&self, _: Request) -> Response<Body> {
        self.0()
    }
}

async fn payload_of(response: fn() -> Response<Body>) -> Value {
    let event = serde_json::from_value(event("/", "", &json!({}))).unwrap();
    let context = Context::default();
    let payload = service(&FixedResponse(response)).call(LambdaEvent { payload: event, context }).await;
    serde_json::to_value(payload.unwrap()).unwrap()
}

#[test]
fn request_has_all_parts_of_the_event() {
    let more = json!({"headers": {"host": "x.example", "x-a": "1"}, "cookies": ["a=1", "b=2"], "body": "text"});
    let request = to_request(event("/webhooks/a", "next=a%2Bb%3D&x=1+2", &more));
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/webhooks/a"));
    assert_eq!(request.uri().query(), Some("next=a%2Bb%3D&x=1+2"));
    assert_eq!(
        (&request.headers()["host"], &request.headers()["x-a"]),
        (&"x.example".parse().unwrap(), &"1".parse().unwrap())
    );
    assert_eq!(request.headers()["cookie"], "a=1; b=2");
    assert_eq!(&request.body()[..], b"text");
    assert!(request.lambda_context_ref().is_some());
    assert_eq!(gateway(&request).unwrap().stage.as_deref(), Some("$default"));
}

#[test]
fn base64_body_is_decoded() {
    let body = |text: &str| to_request(event("/", "", &json!({"body": text, "isBase64Encoded": true}))).body().to_vec();
    assert_eq!(body("AP8K"), b"\x00\xff\n");
    assert_eq!(body("no base64"), b"");
}

#[test]
fn request_accepts_any_host_and_path() {
    for host in ["a b", "", " ", "x:99999", "[", "u@", "ä"] {
        assert_eq!(with_headers("/a", "", &json!({"host": host})).uri().path(), "/a", "{host}");
    }
    for path in ["", "/", "a", ":99999/", "@", "/ä \"<>%?#", "//x", "/\\x", "/\u{0}"] {
        assert_eq!(with_headers(path, "a=b", &json!({})).uri().query(), Some("a=b"), "{path}");
    }
}

#[test]
fn query_keeps_its_meaning_when_escaped() {
    for query in ["a=\"b\"", "a=<>", "a=b c", "a=ä", "a=%ZZ", "a={|}^`\\", "a=b#c", "a=\u{0}"] {
        let request = with_headers("/", query, &json!({}));
        let read: Vec<_> = url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes()).collect();
        assert_eq!(read, url::form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>(), "{query}");
    }
}

#[test]
fn event_fields_that_are_not_read_may_have_any_type() {
    let headers = json!({"host": "x.example", "x-bell": "\u{7}", "no name": "x", "x-null": null, "x-last": "1"});
    let more = json!({"headers": headers, "cookies": null, "routeKey": 1, "isBase64Encoded": null, "requestContext": {
        "http": {"method": "GET", "protocol": 1}, "timeEpoch": "soon", "authorizer": {
            "jwt": {"claims": {"exp": 1_700_000_000, "aud": ["a"]}},
            "iam": {"userArn": "arn:aws:iam::123456789012:user/ada", "cognitoIdentity": {"identityId": "x"}},
        },
    }});
    let request = to_request(event("/a", "", &more));
    let names: Vec<_> = request.headers().keys().map(lambda_http::http::HeaderName::as_str).collect();
    assert_eq!(names, ["host", "x-last"]);
    assert_eq!(gateway(&request).unwrap().user_arn.as_deref(), Some("arn:aws:iam::123456789012:user/ada"));
}

#[test]
fn other_events_are_refused_without_quoting_them() {
    for event in [json!({}), json!("canary"), json!({"requestContext": "canary"}), json!({"rawPath": {"canary": 1}})] {
        let refused = serde_json::from_value::<HttpEvent>(event).err().unwrap().to_string();
        assert!(refused.starts_with("expected an HTTP event"), "{refused}");
    }
}

#[tokio::test]
async fn response_cookies_are_beside_the_headers() {
    let cookies = || {
        let response = Response::builder().status(303).header("location", "/x").header("set-cookie", "a=1");
        response.header("set-cookie", "b=2").body(Body::from("text")).unwrap()
    };
    let expected = json!({
        "statusCode": 303, "headers": {"location": "/x"}, "multiValueHeaders": {}, "cookies": ["a=1", "b=2"],
        "body": "text", "isBase64Encoded": false,
    });
    assert_eq!(payload_of(cookies).await, expected);
}

#[tokio::test]
async fn response_body_is_base64_only_for_bytes() {
    let bytes = payload_of(|| Response::new(Body::Binary(vec![0, 255]))).await;
    assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
    assert_eq!(payload_of(|| Response::new(Body::Empty)).await.get("body"), None);
}

proptest::proptest! {
    #[test]
    fn any_event_makes_a_request_with_its_path(path in ".{0,20}", query in ".{0,20}", host in "[ -~]{0,12}", cookie in ".{0,6}", body in ".{0,6}") {
        let more = json!({"headers": {"host": host}, "cookies": [cookie], "body": body, "isBase64Encoded": true});
        let request = to_request(event(&path, &query, &more));
        let sent = path.trim_start_matches('/');
        let sent = percent_decode_str(sent.strip_suffix('/').unwrap_or(sent)).decode_utf8_lossy();
        proptest::prop_assert_eq!(segments(&request).join("/"), sent);
    }
}
