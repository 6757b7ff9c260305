//! A server that echoes every request; neither errors nor logs may contain its secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_core::port::{Webex as _, WebexError};
use broker_core::token::DeviceCode;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, Request, ResponseTemplate};

use crate::captured_log;
use crate::support::*;

/// Answers with what it received, raw and decoded.
fn echo(code: u16, wrap: fn(String) -> Value) -> impl Fn(&Request) -> ResponseTemplate {
    move |request: &Request| {
        let bearer = request.headers.get("authorization").map(|value| value.to_str().unwrap());
        let fields = url::form_urlencoded::parse(&request.body).map(|(_, value)| value.into_owned());
        let decoded = fields.collect::<Vec<_>>().join(" ");
        let received = format!("{bearer:?} {} {decoded}", String::from_utf8_lossy(&request.body));
        let answer = status(code).set_body_json(wrap(received));
        answer.insert_header("trackingid", bearer.unwrap_or(&decoded))
    }
}

/// Bodies that repeat the request: Webex's error envelopes, and one that is none.
fn bodies() -> [fn(String) -> Value; 5] {
    [
        |received| json!({ "message": received }),
        |received| json!({ "errors": [{ "description": received }], "trackingId": received }),
        |received| json!({ "error": received, "error_description": received }),
        |received| json!({ "error": { "key": "400", "message": received, "trackingId": received } }),
        |received| json!(received),
    ]
}

async fn error_of_every_call(mock: &MockWebex) -> Vec<WebexError> {
    let (api, bearer, deadline) = (&mock.api, bearer(), mock.long_deadline());
    vec![
        mock.mint().await.unwrap_err(),
        mock.refresh().await.unwrap_err(),
        mock.exchange().await.unwrap_err(),
        api.token_expiry(&bearer, deadline).await.unwrap_err(),
        api.list_webhooks(&bearer, deadline).await.unwrap_err(),
        api.create_webhook(&draft(), &bearer, deadline).await.unwrap_err(),
        api.update_webhook("w", &draft(), &bearer, deadline).await.unwrap_err(),
        api.delete_webhook("w", &bearer, deadline).await.unwrap_err(),
        api.device_token(&client(), &DeviceCode::new("canary-device code/6"), deadline).await.unwrap_err(),
        api.guest(&bearer, "s", "n", deadline).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn no_echoed_secret_reaches_an_error_or_the_log() {
    let mock = MockWebex::new().await;
    for code in [400, 401, 403, 503] {
        for wrap in bodies() {
            mock.server.reset().await;
            Mock::given(any()).respond_with(echo(code, wrap)).mount(&mock.server).await;
            for error in error_of_every_call(&mock).await {
                holds_no_secret(&format!("{error} {error:?} {}", error.code()));
                assert!(format!("{error:?}").contains("redacted"), "{error:?}");
                assert!(error.description.unwrap_or_default().chars().count() <= 200);
            }
            let logged = captured_log::take();
            assert!(logged.contains("request to Webex"), "{logged}");
            holds_no_secret(&logged);
        }
    }
}

fn holds_no_secret(text: &str) {
    let basic_auth = STANDARD.encode(format!("Cabc:{}", CANARIES[0]));
    assert!(!text.contains("canary") && !text.contains(&basic_auth), "{text}");
}

#[tokio::test]
async fn each_attempt_and_each_retry_is_logged_once() {
    let answer = webex_error(429).insert_header("retry-after", "2").insert_header("trackingid", "T_1");
    MockWebex::answering_once(answer).await.refresh().await.unwrap();
    let logged = captured_log::take();
    let lines: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ours: Vec<_> = lines.iter().filter(|line| line["target"] == "webex::retry_loop").collect();
    let field = |line: usize, name: &str| ours[line]["fields"][name].clone();
    assert_eq!(ours.len(), 3, "{logged}");
    assert_eq!((field(0, "operation"), field(0, "status")), (json!("refresh"), json!(429)));
    assert_eq!((field(0, "webex.tracking_id"), field(0, "duration_ms")), (json!("T_1"), json!(0)));
    assert_eq!((field(1, "webex.code"), field(1, "wait_ms")), (json!("http_429"), json!(2000)));
    assert_eq!((&ours[1]["level"], field(1, "attempt")), (&json!("WARN"), json!(1)));
    assert_eq!(field(2, "status"), json!(200));
}
