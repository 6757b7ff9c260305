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
    RefresherRequest::Renew(Renew { id, if_sha256: None, reason: None, deadline: None, force: false })
}

async fn start_lambda(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let invoked = Mock::given(method("POST")).and(path("/2015-03-31/functions/refresher/invocations"));
    invoked.respond_with(answer).mount(&server).await;
    server
}

async fn ask_with(answer: ResponseTemplate) -> Result<CommandAnswer<Renewal>, InvokeError> {
    let server = start_lambda(answer).await;
    client(&server.uri()).await.ask(&renew(), SECOND).await
}

fn answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn enqueue_invokes_asynchronously() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("x-amz-invocation-type", "Event"))
        .and(body_json(json!({"reconcile": {"app": "reports", "subject": "default"}})))
        .respond_with(ResponseTemplate::new(202))
        .expect(1)
        .mount(&server)
        .await;
    client(&server.uri()).await.enqueue(&reconcile(), SECOND).await.unwrap();
}

#[tokio::test]
async fn enqueue_repeats_a_throttled_call_briefly() {
    let server =
        start_lambda(ResponseTemplate::new(429).insert_header("x-amzn-errortype", "TooManyRequestsException")).await;
    let refused = client(&server.uri()).await.enqueue(&reconcile(), SECOND * 10).await;
    assert!(matches!(refused, Err(InvokeError::NotInvoked { .. })), "{refused:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), usize::try_from(ATTEMPTS).unwrap());
}

#[tokio::test]
async fn enqueue_fails_within_seconds_without_connection() {
    let refused = client("http://127.0.0.1:1").await.enqueue(&reconcile(), SECOND * 10).await;
    assert!(matches!(refused, Err(InvokeError::NotInvoked { .. })), "{refused:?}");
}

#[tokio::test]
async fn ask_does_not_repeat_a_call_that_times_out() {
    let server = start_lambda(answer(json!({})).set_delay(Duration::from_secs(5))).await;
    let late = client(&server.uri()).await.ask::<Renewal>(&renew(), SECOND).await;
    assert!(matches!(late, Err(InvokeError::NotInvoked { .. })), "{late:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn ask_returns_the_answer_or_the_command_error() {
    let done = ask_with(answer(json!({"state": "active", "renewed": true}))).await.unwrap();
    assert!(matches!(done, CommandAnswer::Done(renewal) if renewal.state == State::Active && renewal.renewed));
    let refused = ask_with(answer(json!({"error": {"code": "invalid_grant", "detail": "x", "tracking_id": "T"}})));
    assert!(matches!(refused.await.unwrap(), CommandAnswer::Refused { error } if error.code == "invalid_grant"));
}

#[tokio::test]
async fn ask_reports_failed_invocations_and_invalid_answers() {
    let failed = answer(json!({"errorMessage": "x"})).insert_header("x-amz-function-error", "Unhandled");
    assert!(matches!(ask_with(failed).await, Err(InvokeError::Failed { .. })));
    assert!(matches!(ask_with(answer(json!([]))).await, Err(InvokeError::InvalidAnswer { .. })));
}

#[tokio::test]
async fn ask_repeats_a_throttled_call_until_lambda_admits_it() {
    let server = MockServer::start().await;
    let throttled = ResponseTemplate::new(429).insert_header("x-amzn-errortype", "TooManyRequestsException");
    Mock::given(method("POST")).respond_with(throttled).up_to_n_times(7).with_priority(1).mount(&server).await;
    let admitted = answer(json!({"state": "active", "renewed": true}));
    Mock::given(method("POST")).respond_with(admitted).mount(&server).await;
    let renewal = client(&server.uri()).await.ask::<Renewal>(&renew(), SECOND * 20).await;
    assert!(matches!(renewal, Ok(CommandAnswer::Done(_))), "{renewal:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 8);
}

#[tokio::test]
async fn ask_gives_up_at_its_deadline_while_throttled() {
    let server = start_lambda(ResponseTemplate::new(429).insert_header("x-amzn-errortype", "TooManyRequestsException"));
    let server = server.await;
    let started = Instant::now();
    let refused = client(&server.uri()).await.ask::<Renewal>(&renew(), SECOND * 2).await;
    assert!(matches!(refused, Err(InvokeError::NotInvoked { .. })), "{refused:?}");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    let calls = server.received_requests().await.unwrap().len();
    assert!(calls > usize::try_from(ATTEMPTS).unwrap(), "{calls} calls");
}
