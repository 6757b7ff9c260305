//! What the client sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_core::port::{Webex as _, WebexErrorKind};
use broker_core::token::DeviceCode;
use serde_json::{Value, json};
use wiremock::Request;

use crate::support::*;

/// Method, path with query, and JSON body of the only request that arrived.
fn only(requests: &[Request]) -> (String, String, Value) {
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    let query = request.url.query().map(|query| format!("?{query}"));
    let path = format!("{}{}", request.url.path(), query.unwrap_or_default());
    let body = serde_json::from_slice(&request.body).unwrap_or_default();
    (request.method.to_string(), path, body)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn mint_sends_json_with_the_minters_bearer() {
    let mock = MockWebex::answering(token_pair()).await;
    mock.mint().await.unwrap();
    let requests = mock.requests().await;
    let org = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
    let body = json!({"clientId": "Cabc", "clientSecret": CANARIES[0], "targetOrgId": org});
    let path = "/v1/applications/an%2Fapp/token";
    assert_eq!(only(&requests), ("POST".to_owned(), path.to_owned(), body));
    assert_eq!(header(&requests[0], "authorization"), Some("Bearer canary-bearer/3=="));
    assert_eq!(header(&requests[0], "content-type"), Some("application/json"));
}

#[tokio::test]
async fn refresh_sends_a_form_without_a_bearer() {
    let mock = MockWebex::answering(token_pair()).await;
    mock.refresh().await.unwrap();
    let request = &mock.requests().await[0];
    let body = "client_id=Cabc&client_secret=canary-client%2Fsecret%2B1&grant_type=refresh_token\
                &refresh_token=canary-refresh+token%262";
    assert_eq!(String::from_utf8_lossy(&request.body), body);
    assert_eq!(request.url.path(), "/v1/access_token");
    assert_eq!(header(request, "authorization"), None);
    assert_eq!(header(request, "content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn exchange_sends_a_form_with_the_verifier() {
    let mock = MockWebex::answering(token_pair()).await;
    mock.exchange().await.unwrap();
    let request = &mock.requests().await[0];
    let body = "client_id=Cabc&client_secret=canary-client%2Fsecret%2B1&code=canary-code%3D%224%22\
                &code_verifier=canary-verifier%7E5&grant_type=authorization_code\
                &redirect_uri=https%3A%2F%2Fconsent.example%2Fcallback%3Fa%3Db%26c";
    assert_eq!(String::from_utf8_lossy(&request.body), body);
    assert_eq!(header(request, "authorization"), None);
}

#[tokio::test]
async fn device_token_sends_a_form_with_basic_auth() {
    let mock = MockWebex::answering(token_pair()).await;
    let device_code = DeviceCode::new("canary-device code/6");
    mock.api.device_token(&client(), &device_code, mock.long_deadline()).await.unwrap();
    let request = &mock.requests().await[0];
    let body = "client_id=Cabc&device_code=canary-device+code%2F6\
                &grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";
    assert_eq!(String::from_utf8_lossy(&request.body), body);
    assert_eq!(request.url.path(), "/v1/device/token");
    let credentials = STANDARD.encode(format!("Cabc:{}", CANARIES[0]));
    assert_eq!(header(request, "authorization"), Some(format!("Basic {credentials}").as_str()));
}

#[tokio::test]
async fn device_authorize_sends_no_client_secret() {
    let codes = json!({"device_code": "d", "user_code": "u", "verification_uri": "https://v", "expires_in": "300"});
    let mock = MockWebex::answering(status(200).set_body_json(codes)).await;
    let started = mock.api.device_authorize(&client(), "a b", mock.long_deadline()).await.unwrap();
    assert_eq!((started.device_code.expose(), started.user_code.as_str()), ("d", "u"));
    assert_eq!((started.expires_in, started.interval, started.verification_uri_complete), (seconds(300), None, None));
    let request = &mock.requests().await[0];
    assert_eq!(String::from_utf8_lossy(&request.body), "client_id=Cabc&scope=a+b");
    assert_eq!((request.url.path(), header(request, "authorization")), ("/v1/device/authorize", None));
}

#[tokio::test]
async fn webhook_requests_match_the_api() {
    let saved = status(200).set_body_json(json!({"id": "w1"}));
    let mock = MockWebex::answering(saved.clone()).await;
    let (api, deadline) = (&mock.api, mock.long_deadline());
    api.create_webhook(&draft(), &bearer(), deadline).await.unwrap();
    let created = json!({
        "name": "webex-token-broker reports", "targetUrl": "https://hooks.example/webhooks/reports",
        "resource": "serviceApp", "event": "authorized", "filter": "id=Y2lz", "secret": CANARIES[5],
    });
    let expected = ("POST".to_owned(), "/v1/webhooks".to_owned(), created);
    assert_eq!(only(&mock.requests().await), expected);

    mock.server.reset().await;
    mock.answer_with(saved).await;
    api.update_webhook("a/../b", &draft(), &bearer(), deadline).await.unwrap();
    let moved = json!({
        "name": "webex-token-broker reports", "targetUrl": "https://hooks.example/webhooks/reports",
        "secret": CANARIES[5], "status": "active",
    });
    let expected = ("PUT".to_owned(), "/v1/webhooks/a%2F..%2Fb".to_owned(), moved);
    assert_eq!(only(&mock.requests().await), expected);

    mock.server.reset().await;
    mock.answer_with(webex_error(404)).await;
    api.delete_webhook("w1", &bearer(), deadline).await.unwrap();
    let expected = ("DELETE".to_owned(), "/v1/webhooks/w1".to_owned(), Value::Null);
    assert_eq!(only(&mock.requests().await), expected);
}

#[tokio::test]
async fn webhook_is_saved_or_deleted_only_if_webex_says_so() {
    let deleted = MockWebex::answering(status(204)).await;
    deleted.api.delete_webhook("w1", &bearer(), deleted.long_deadline()).await.unwrap();
    for (code, page) in [(200, "<html>Sign in</html>"), (200, "{}"), (404, "<html>404</html>")] {
        let mock = MockWebex::answering(status(code).set_body_string(page)).await;
        let deadline = mock.long_deadline();
        for result in [
            mock.api.create_webhook(&draft(), &bearer(), deadline).await,
            mock.api.update_webhook("w1", &draft(), &bearer(), deadline).await,
            mock.api.delete_webhook("w1", &bearer(), deadline).await,
        ] {
            assert_eq!(result.unwrap_err().kind, WebexErrorKind::Foreign(code), "{page}");
        }
    }
}

#[tokio::test]
async fn base_url_may_end_in_a_slash_or_lack_a_path() {
    for (base, path) in [("", "/access_token"), ("/", "/access_token"), ("/v1/", "/v1/access_token")] {
        let mock = MockWebex::answering(token_pair()).await;
        let base = format!("{}{base}", mock.server.uri()).parse().unwrap();
        let api = webex::WebexApi::new(base, mock.clock.clone());
        api.refresh(&client(), &refresh_token(), mock.long_deadline()).await.unwrap();
        assert_eq!(mock.requests().await[0].url.path(), path);
    }
}

#[tokio::test]
async fn each_attempt_sends_its_own_tracking_id() {
    let mock = MockWebex::answering_once(status(503)).await;
    mock.refresh().await.unwrap();
    let requests = mock.requests().await;
    let ids: Vec<_> = requests.iter().filter_map(|request| header(request, "trackingid")).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| id.starts_with("WTB_") && id.len() == 40), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let mock = MockWebex::new().await;
    mock.answer_with(status(302).insert_header("location", "/elsewhere")).await;
    let error = mock.mint().await.unwrap_err();
    assert_eq!(error.code(), "foreign_answer");
    assert_eq!(mock.requests().await.len(), 1);
}
