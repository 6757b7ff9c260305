use aws_config::{BehaviorVersion, Region};
use aws_sdk_lambda::config::Credentials;
use aws_sdk_lambda::config::SharedCredentialsProvider;
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::request::{Reconcile, Renew, Renewal};
use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

async fn client(url: &str) -> RefresherClient {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .load();
    RefresherClient::new(&sdk.await, "refresher".to_owned())
}

fn reconcile() -> RefresherRequest {
    let id = GrantId::parse("reports/default").unwrap();
    RefresherRequest::Reconcile(Reconcile { id, authorized_at: None })
}

fn renew() -> RefresherRequest {
    let id = GrantId::parse("reports/default").unwrap();
    RefresherRequest::Renew(Renew { id, if_sha256: None, reason: None, deadline: None })
}

async fn lambda(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let invoked = Mock::given(method("POST")).and(path("/2015-03-31/functions/refresher/invocations"));
    invoked.respond_with(answer).mount(&server).await;
    server
}

async fn renewal(answer: ResponseTemplate) -> Result<CommandAnswer<Renewal>, InvokeError> {
    let server = lambda(answer).await;
    client(&server.uri()).await.ask(&renew(), SECOND).await
}

fn said(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn a_request_is_handed_over_as_an_event() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("x-amz-invocation-type", "Event"))
        .and(body_json(json!({"reconcile": {"app": "reports", "subject": "default"}})))
        .respond_with(ResponseTemplate::new(202))
        .expect(1)
        .mount(&server)
        .await;
    client(&server.uri()).await.hand_over(&reconcile(), SECOND).await.unwrap();
}

#[tokio::test]
async fn a_throttled_hand_over_is_repeated_briefly() {
    let server = lambda(ResponseTemplate::new(429).insert_header("x-amzn-errortype", "TooManyRequestsException")).await;
    let refused = client(&server.uri()).await.hand_over(&reconcile(), SECOND * 10).await;
    assert!(matches!(refused, Err(InvokeError::NotInvoked { .. })), "{refused:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), usize::try_from(ATTEMPTS).unwrap());
}

#[tokio::test]
async fn nobody_there_is_an_error_within_seconds() {
    let refused = client("http://127.0.0.1:1").await.hand_over(&reconcile(), SECOND * 10).await;
    assert!(matches!(refused, Err(InvokeError::NotInvoked { .. })), "{refused:?}");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_not_asked_for_again() {
    let server = lambda(said(json!({})).set_delay(Duration::from_secs(5))).await;
    let late = client(&server.uri()).await.ask::<Renewal>(&renew(), SECOND).await;
    assert!(matches!(late, Err(InvokeError::NotInvoked { .. })), "{late:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_is_what_was_asked_for_or_a_refusal() {
    let done = renewal(said(json!({"state": "active", "renewed": true}))).await.unwrap();
    assert!(matches!(done, CommandAnswer::Done(renewal) if renewal.state == State::Active && renewal.renewed));
    let refused = renewal(said(json!({"error": {"code": "invalid_grant", "detail": "x", "tracking_id": "T"}})));
    assert!(matches!(refused.await.unwrap(), CommandAnswer::Refused { error } if error.code == "invalid_grant"));
}

#[tokio::test]
async fn a_function_that_failed_gave_no_answer() {
    let failed = said(json!({"errorMessage": "x"})).insert_header("x-amz-function-error", "Unhandled");
    assert!(matches!(renewal(failed).await, Err(InvokeError::Failed { .. })));
    assert!(matches!(renewal(said(json!([]))).await, Err(InvokeError::Unintelligible { .. })));
}
