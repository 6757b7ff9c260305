//! A server that echoes everything it is sent, against errors and logs that must hold none of it.

use broker_core::port::{Webex as _, WebexError};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, Request, ResponseTemplate};

use crate::log;
use crate::support::*;

/// Says back what it heard: as it came, and decoded.
fn echo(code: u16, wrap: fn(String) -> Value) -> impl Fn(&Request) -> ResponseTemplate {
    move |request: &Request| {
        let bearer = request.headers.get("authorization").map(|value| value.to_str().unwrap());
        let fields = url::form_urlencoded::parse(&request.body).map(|(_, value)| value.into_owned());
        let decoded = fields.collect::<Vec<_>>().join(" ");
        let heard = format!("{bearer:?} {} {decoded}", String::from_utf8_lossy(&request.body));
        let answer = status(code).set_body_json(wrap(heard));
        answer.insert_header("trackingid", bearer.unwrap_or(&decoded))
    }
}

fn wraps() -> [fn(String) -> Value; 5] {
    [
        |heard| json!({ "message": heard }),
        |heard| json!({ "errors": [{ "description": heard }], "trackingId": heard }),
        |heard| json!({ "error": heard, "error_description": heard }),
        |heard| json!({ "error": { "message": heard } }),
        |heard| json!(heard),
    ]
}

async fn every_call(world: &World) -> Vec<WebexError> {
    let (api, bearer, deadline) = (&world.api, bearer(), world.ample());
    vec![
        world.mint().await.unwrap_err(),
        world.refresh().await.unwrap_err(),
        world.exchange().await.unwrap_err(),
        api.token_expiry(&bearer, deadline).await.unwrap_err(),
        api.registrations(&bearer, deadline).await.unwrap_err(),
        api.register(&draft(), &bearer, deadline).await.unwrap_err(),
        api.reregister("w", &draft(), &bearer, deadline).await.unwrap_err(),
        api.unregister("w", &bearer, deadline).await.unwrap_err(),
        api.guest(&bearer, "s", "n", deadline).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn nothing_that_was_sent_comes_back_in_an_error_or_in_the_log() {
    for (code, wrap) in [400, 401, 403, 503].into_iter().flat_map(|code| wraps().map(|wrap| (code, wrap))) {
        let world = World::new().await;
        Mock::given(any()).respond_with(echo(code, wrap)).mount(&world.server).await;
        for error in every_call(&world).await {
            let shown = format!("{error} {error:?} {}", error.code());
            assert!(!shown.contains("canary"), "{shown}");
            assert!(shown.contains("redacted"), "{shown}");
            assert!(error.description.is_none_or(|words| words.chars().count() <= 200));
        }
        let logged = log::take();
        assert!(logged.contains("asked Webex") && !logged.contains("canary"), "{logged}");
    }
}

#[tokio::test]
async fn a_call_and_a_retry_leave_a_line_each() {
    let answer = status(429).insert_header("retry-after", "2").insert_header("trackingid", "T_1");
    World::saying_once(answer).await.refresh().await.unwrap();
    let logged = log::take();
    let lines: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ours: Vec<_> = lines.iter().filter(|line| line["target"] == "webex::driver").collect();
    let field = |line: usize, name: &str| ours[line]["fields"][name].clone();
    assert_eq!(ours.len(), 3, "{logged}");
    assert_eq!((field(0, "operation"), field(0, "status")), (json!("refresh"), json!(429)));
    assert_eq!((field(0, "webex.tracking_id"), field(0, "duration_ms")), (json!("T_1"), json!(0)));
    assert_eq!((field(1, "webex.code"), field(1, "wait_ms")), (json!("http_429"), json!(2000)));
    assert_eq!((&ours[1]["level"], field(1, "attempt")), (&json!("WARN"), json!(1)));
    assert_eq!(field(2, "status"), json!(200));
}
