use std::time::SystemTime;

use serde_json::Value;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::authorize::{Bearer, BoxError};

const DAY: Duration = Duration::from_hours(24);
/// A day but for the life that a token must have.
const DUE: Duration = Duration::from_mins(24 * 60 - 5);
/// A day but for a minute.
const NEARLY_OVER: Duration = Duration::from_mins(24 * 60 - 1);

type Identity = fn() -> std::future::Ready<Result<String, BoxError>>;

#[derive(Clone)]
struct Hands(Arc<Mutex<SystemTime>>);

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// A broker of ours, a client of it, and its clock.
struct Shop {
    broker: MockServer,
    client: Client<Bearer<Identity>, Hands>,
    clock: Hands,
}

impl Shop {
    async fn open() -> Self {
        let (broker, clock) = (MockServer::start().await, Hands(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH))));
        let identity: Identity = || std::future::ready(Ok("identity".to_owned()));
        let client = Client::with_clock(&format!("{}/", broker.uri()), Bearer(identity), clock.clone()).unwrap();
        Self { broker, client, clock }
    }

    /// Answers the next `times` requests for the token.
    async fn vends(&self, answer: ResponseTemplate, times: u64) {
        let asked = Mock::given(method("GET"))
            .and(path("/v1/apps/reports/grants/a%2Fb/token"))
            .and(query_param("min_ttl", "300"))
            .and(header("authorization", "Bearer identity"));
        asked.respond_with(answer).up_to_n_times(times).expect(times).mount(&self.broker).await;
    }

    async fn token(&self) -> Result<String, Error> {
        self.client.token("reports", "a/b").await.map(|token| token.expose().to_owned())
    }

    fn wait(&self, duration: Duration) {
        *self.clock.0.lock().unwrap() += duration;
    }
}

fn good(token: &str) -> ResponseTemplate {
    let body: Value = json!({"access_token": token, "token_type": "Bearer", "expires_in": DAY.as_secs(), "more": 1});
    ResponseTemplate::new(200).set_body_json(body)
}

fn problem(status: u16) -> ResponseTemplate {
    let body: Value = json!({"type": "urn:x", "title": "t", "status": status, "detail": "no"});
    ResponseTemplate::new(status).insert_header("retry-after", "7").set_body_json(body)
}

#[tokio::test]
async fn a_token_is_held_until_shortly_before_it_ends() {
    let shop = Shop::open().await;
    shop.vends(good("one"), 1).await;
    for _ in 0..5 {
        assert_eq!(shop.token().await.unwrap(), "one");
    }
    shop.wait(DUE);
    shop.vends(good("two"), 1).await;
    assert_eq!(shop.token().await.unwrap(), "two");
}

#[tokio::test]
async fn those_who_ask_at_once_wait_for_one_request() {
    let shop = Shop::open().await;
    shop.vends(good("one").set_delay(Duration::from_millis(50)), 1).await;
    let (a, b, c) = tokio::join!(shop.token(), shop.token(), shop.token());
    assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], ["one", "one", "one"]);
}

#[tokio::test]
async fn those_who_wait_for_one_request_get_its_answer_whatever_it_is() {
    let shop = Shop::open().await;
    let slowly = |answer: ResponseTemplate| answer.set_delay(Duration::from_millis(50));
    shop.vends(slowly(problem(503)), 1).await;
    let (a, b, c) = tokio::join!(shop.token(), shop.token(), shop.token());
    assert!(a.is_err() && b.is_err() && c.is_err());
    shop.vends(good("one"), 1).await;
    shop.token().await.unwrap();
    shop.wait(NEARLY_OVER);
    shop.vends(slowly(problem(503)), 1).await;
    let (a, b, c) = tokio::join!(shop.token(), shop.token(), shop.token());
    assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], ["one", "one", "one"]);
}

#[tokio::test]
async fn what_lives_is_given_out_while_the_broker_does_not_answer() {
    let shop = Shop::open().await;
    shop.vends(good("one"), 1).await;
    shop.token().await.unwrap();
    shop.wait(NEARLY_OVER);
    shop.vends(problem(503), 2).await;
    assert_eq!(shop.token().await.unwrap(), "one");
    shop.wait(Duration::from_mins(1));
    let error = shop.token().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{error}");
}

#[tokio::test]
async fn what_is_gone_is_given_out_no_longer() {
    for status in [401, 403, 404, 410] {
        let shop = Shop::open().await;
        shop.vends(good("one"), 1).await;
        shop.token().await.unwrap();
        shop.wait(NEARLY_OVER);
        shop.vends(problem(status), 1).await;
        let Err(Error::Refused(said)) = shop.token().await else { panic!("given out") };
        assert_eq!((said.status, said.detail.as_str()), (status, "no"));
    }
}

#[tokio::test]
async fn a_rejected_token_is_reported_once_whoever_says_so() {
    let shop = Shop::open().await;
    shop.vends(good("one"), 1).await;
    let one = shop.client.token("reports", "a/b").await.unwrap();
    let said = json!({"access_token_sha256": one.sha256()});
    Mock::given(method("POST"))
        .and(path("/v1/apps/reports/grants/a%2Fb/token/rejected"))
        .and(body_json(said))
        .respond_with(good("two"))
        .expect(1)
        .mount(&shop.broker)
        .await;
    let again = || shop.client.rejected("reports", "a/b", &one);
    let (a, b) = tokio::join!(again(), again());
    assert_eq!((a.unwrap().expose(), b.unwrap().expose()), ("two", "two"));
    assert_eq!(shop.token().await.unwrap(), "two");
}

#[test]
fn a_token_does_not_show_itself() {
    let token = Token::new("canary".to_owned(), SystemTime::UNIX_EPOCH);
    assert!(!format!("{token:?}").contains("canary"));
}

#[test]
fn an_address_that_is_none_is_refused() {
    let identity = || std::future::ready(Ok(String::new()));
    for address in ["", "vend.example", "ftp://vend.example", "data:,x"] {
        assert!(matches!(Client::new(address, Bearer(identity)).err(), Some(Error::Address)), "{address}");
    }
}
