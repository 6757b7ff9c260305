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

pub(crate) fn requested(event: Value) -> Request {
    request(LambdaEvent { payload: serde_json::from_value(event).unwrap(), context: Context::default() })
}

fn of_headers(path: &str, query: &str, headers: &Value) -> Request {
    requested(event(path, query, &json!({"headers": headers})))
}

struct Fixed(fn() -> Response<Body>);

impl HttpFunction for Fixed {
    async fn handle(&self, _: Request) -> Response<Body> {
        self.0()
    }
}

async fn answered(response: fn() -> Response<Body>) -> Value {
    let payload = serde_json::from_value(event("/", "", &json!({}))).unwrap();
    let context = Context::default();
    let answer = service(&Fixed(response)).call(LambdaEvent { payload, context }).await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[test]
fn a_request_is_what_the_event_says() {
    let more = json!({"headers": {"host": "x.example", "x-a": "1"}, "cookies": ["a=1", "b=2"], "body": "text"});
    let request = requested(event("/webhooks/a", "next=a%2Bb%3D&x=1+2", &more));
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
fn a_body_in_base64_is_the_bytes_that_were_sent() {
    let body = |text: &str| requested(event("/", "", &json!({"body": text, "isBase64Encoded": true}))).body().to_vec();
    assert_eq!(body("AP8K"), b"\x00\xff\n");
    assert_eq!(body("no base64"), b"");
}

#[test]
fn nothing_that_a_stranger_can_send_ends_the_function() {
    for host in ["a b", "", " ", "x:99999", "[", "u@", "ä"] {
        assert_eq!(of_headers("/a", "", &json!({"host": host})).uri().path(), "/a", "{host}");
    }
    for path in ["", "/", "a", ":99999/", "@", "/ä \"<>%?#", "//x", "/\\x", "/\u{0}"] {
        assert_eq!(of_headers(path, "a=b", &json!({})).uri().query(), Some("a=b"), "{path}");
    }
}

#[test]
fn a_query_keeps_its_meaning() {
    for query in ["a=\"b\"", "a=<>", "a=b c", "a=ä", "a=%ZZ", "a={|}^`\\", "a=b#c", "a=\u{0}"] {
        let request = of_headers("/", query, &json!({}));
        let read: Vec<_> = url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes()).collect();
        assert_eq!(read, url::form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>(), "{query}");
    }
}

#[test]
fn what_nobody_reads_may_have_any_shape() {
    let headers = json!({"host": "x.example", "x-bell": "\u{7}", "no name": "x", "x-null": null, "x-last": "1"});
    let more = json!({"headers": headers, "cookies": null, "routeKey": 1, "isBase64Encoded": null, "requestContext": {
        "http": {"method": "GET", "protocol": 1}, "timeEpoch": "soon", "authorizer": {
            "jwt": {"claims": {"exp": 1_700_000_000, "aud": ["a"]}},
            "iam": {"userArn": "arn:aws:iam::123456789012:user/ada", "cognitoIdentity": {"identityId": "x"}},
        },
    }});
    let request = requested(event("/a", "", &more));
    let names: Vec<_> = request.headers().keys().map(lambda_http::http::HeaderName::as_str).collect();
    assert_eq!(names, ["host", "x-last"]);
    assert_eq!(gateway(&request).unwrap().user_arn.as_deref(), Some("arn:aws:iam::123456789012:user/ada"));
}

#[test]
fn what_is_no_http_event_is_refused_unquoted() {
    for event in [json!({}), json!("canary"), json!({"requestContext": "canary"}), json!({"rawPath": {"canary": 1}})] {
        let refused = serde_json::from_value::<Event>(event).err().unwrap().to_string();
        assert!(refused.starts_with("expected an HTTP event"), "{refused}");
    }
}

#[tokio::test]
async fn an_answer_has_its_cookies_beside_the_headers() {
    let cookies = || {
        let response = Response::builder().status(303).header("location", "/x").header("set-cookie", "a=1");
        response.header("set-cookie", "b=2").body(Body::from("text")).unwrap()
    };
    let expected = json!({
        "statusCode": 303, "headers": {"location": "/x"}, "multiValueHeaders": {}, "cookies": ["a=1", "b=2"],
        "body": "text", "isBase64Encoded": false,
    });
    assert_eq!(answered(cookies).await, expected);
}

#[tokio::test]
async fn a_body_is_text_unless_it_is_bytes() {
    let bytes = answered(|| Response::new(Body::Binary(vec![0, 255]))).await;
    assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
    assert_eq!(answered(|| Response::new(Body::Empty)).await.get("body"), None);
}

proptest::proptest! {
    #[test]
    fn no_event_panics_and_every_path_arrives(path in ".{0,20}", query in ".{0,20}", host in "[ -~]{0,12}", cookie in ".{0,6}", body in ".{0,6}") {
        let more = json!({"headers": {"host": host}, "cookies": [cookie], "body": body, "isBase64Encoded": true});
        let request = requested(event(&path, &query, &more));
        let sent = percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy();
        proptest::prop_assert_eq!(segments(&request).join("/"), sent);
    }
}
