use std::time::SystemTime;

use serde_json::Value;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::authorize::{Bearer, BoxError};

const DAY: Duration = Duration::from_hours(24);
/// The age at which a token of a day has only [`MIN_LIFE`] left.
const DUE: Duration = Duration::from_mins(24 * 60 - 5);
/// The age at which a token of a day has one minute left.
const NEARLY_OVER: Duration = Duration::from_mins(24 * 60 - 1);

type Identity = fn() -> std::future::Ready<Result<String, BoxError>>;

#[derive(Clone)]
struct ManualClock(Arc<Mutex<SystemTime>>);

impl TokenClock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// A mocked broker, a client of it, and the client's clock.
struct Fixture {
    broker: MockServer,
    client: VendClient<Bearer<Identity>, ManualClock>,
    clock: ManualClock,
}

impl Fixture {
    async fn new() -> Self {
        let broker = MockServer::start().await;
        let clock = ManualClock(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH)));
        let identity: Identity = || std::future::ready(Ok("identity".to_owned()));
        let client = VendClient::with_clock(&format!("{}/", broker.uri()), Bearer(identity), clock.clone()).unwrap();
        Self { broker, client, clock }
    }

    /// Answers the next `times` requests for the token.
    async fn answer_token(&self, answer: ResponseTemplate, times: u64) {
        let request = Mock::given(method("GET"))
            .and(path("/v1/apps/reports/grants/a%2Fb/token"))
            .and(query_param("min_ttl", "300"))
            .and(header("authorization", "Bearer identity"));
        request.respond_with(answer).up_to_n_times(times).expect(times).mount(&self.broker).await;
    }

    async fn token(&self) -> Result<String, Error> {
        self.client.token("reports", "a/b").await.map(|token| token.expose().to_owned())
    }

    fn advance(&self, duration: Duration) {
        *self.clock.0.lock().unwrap() += duration;
    }
}

fn token_response(token: &str) -> ResponseTemplate {
    let body: Value = json!({"access_token": token, "token_type": "Bearer", "expires_in": DAY.as_secs(), "more": 1});
    ResponseTemplate::new(200).set_body_json(body)
}

fn problem_response(status: u16) -> ResponseTemplate {
    let body: Value = json!({"type": "urn:x", "title": "t", "status": status, "detail": "no"});
    ResponseTemplate::new(status).insert_header("retry-after", "7").set_body_json(body)
}

#[tokio::test]
async fn token_is_held_until_shortly_before_it_expires() {
    let fixture = Fixture::new().await;
    fixture.answer_token(token_response("one"), 1).await;
    for _ in 0..5 {
        assert_eq!(fixture.token().await.unwrap(), "one");
    }
    fixture.advance(DUE);
    fixture.answer_token(token_response("two"), 1).await;
    assert_eq!(fixture.token().await.unwrap(), "two");
}

#[tokio::test]
async fn token_asked_concurrently_sends_one_request() {
    let fixture = Fixture::new().await;
    fixture.answer_token(token_response("one").set_delay(Duration::from_millis(50)), 1).await;
    let (a, b, c) = tokio::join!(fixture.token(), fixture.token(), fixture.token());
    assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], ["one", "one", "one"]);
}

#[tokio::test]
async fn token_asked_concurrently_shares_any_result() {
    let fixture = Fixture::new().await;
    let delay = Duration::from_millis(50);
    fixture.answer_token(problem_response(503).set_delay(delay), 1).await;
    let (a, b, c) = tokio::join!(fixture.token(), fixture.token(), fixture.token());
    assert!(a.is_err() && b.is_err() && c.is_err());
    fixture.answer_token(token_response("one"), 1).await;
    fixture.token().await.unwrap();
    fixture.advance(NEARLY_OVER);
    fixture.answer_token(problem_response(503).set_delay(delay), 1).await;
    let (a, b, c) = tokio::join!(fixture.token(), fixture.token(), fixture.token());
    assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], ["one", "one", "one"]);
}

#[tokio::test]
async fn token_alive_is_returned_while_the_broker_is_down() {
    let fixture = Fixture::new().await;
    fixture.answer_token(token_response("one"), 1).await;
    fixture.token().await.unwrap();
    fixture.advance(NEARLY_OVER);
    fixture.answer_token(problem_response(503), 2).await;
    assert_eq!(fixture.token().await.unwrap(), "one");
    fixture.advance(Duration::from_mins(1));
    let error = fixture.token().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{error}");
}

#[tokio::test]
async fn token_of_an_ended_grant_is_dropped() {
    for status in [401, 403, 404, 410] {
        let fixture = Fixture::new().await;
        fixture.answer_token(token_response("one"), 1).await;
        fixture.token().await.unwrap();
        fixture.advance(NEARLY_OVER);
        fixture.answer_token(problem_response(status), 1).await;
        let Err(Error::Refused(problem)) = fixture.token().await else { panic!("still returned") };
        assert_eq!((problem.status, problem.detail.as_str()), (status, "no"));
    }
}

#[tokio::test]
async fn rejected_token_is_reported_once() {
    let fixture = Fixture::new().await;
    fixture.answer_token(token_response("one"), 1).await;
    let one = fixture.client.token("reports", "a/b").await.unwrap();
    let report = json!({"access_token_sha256": one.sha256()});
    Mock::given(method("POST"))
        .and(path("/v1/apps/reports/grants/a%2Fb/token/rejected"))
        .and(body_json(report))
        .respond_with(token_response("two"))
        .expect(1)
        .mount(&fixture.broker)
        .await;
    let (a, b) =
        tokio::join!(fixture.client.rejected("reports", "a/b", &one), fixture.client.rejected("reports", "a/b", &one));
    assert_eq!((a.unwrap().expose(), b.unwrap().expose()), ("two", "two"));
    assert_eq!(fixture.token().await.unwrap(), "two");
}

#[test]
fn token_debug_hides_the_token() {
    let token = VendedToken::new("canary".to_owned(), SystemTime::UNIX_EPOCH);
    assert!(!format!("{token:?}").contains("canary"));
}

#[test]
fn new_with_an_invalid_address_is_refused() {
    let identity = || std::future::ready(Ok(String::new()));
    for address in ["", "vend.example", "ftp://vend.example", "data:,x"] {
        assert!(matches!(VendClient::new(address, Bearer(identity)).err(), Some(Error::Address)), "{address}");
    }
}
