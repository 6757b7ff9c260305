use std::future::{Ready, ready};
use std::time::SystemTime;

use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::authorize::{Bearer, BoxError};

const HOUR: Duration = Duration::from_hours(1);

type Identity = fn() -> Ready<Result<String, BoxError>>;

#[derive(Clone)]
struct ManualClock(Arc<Mutex<SystemTime>>);

impl ManualClock {
    fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

impl TokenClock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// A client of the broker at `address`, with a clock that moves by hand.
fn client(address: &str) -> (VendClient<Bearer<Identity>, ManualClock>, ManualClock) {
    let clock = ManualClock(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH)));
    let identity: Identity = || ready(Ok("identity".to_owned()));
    (VendClient::with_clock(address, Bearer(identity), clock.clone()).unwrap(), clock)
}

async fn answer(broker: &MockServer, answer: ResponseTemplate) {
    Mock::given(method("GET")).respond_with(answer).up_to_n_times(1).expect(1).mount(broker).await;
}

fn token(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"access_token": text, "expires_in": 86400}))
}

#[tokio::test]
async fn token_debug_hides_the_token() {
    let token = VendedToken::new("canary".to_owned(), SystemTime::UNIX_EPOCH, HOUR);
    assert!(!format!("{token:?}").contains("canary"));
}

#[test]
fn new_with_an_invalid_address_is_refused() {
    let identity = || ready(Ok(String::new()));
    for address in
        ["", "vend.example", "ftp://vend.example", "data:,x", "https://vend.example/?x", "https://vend.example#x"]
    {
        assert!(matches!(VendClient::new(address, Bearer(identity)).err(), Some(Error::Address)), "{address}");
    }
}

#[tokio::test]
async fn held_token_is_there_while_a_request_runs() {
    let broker = MockServer::start().await;
    let (client, clock) = client(&broker.uri());
    answer(&broker, token("one")).await;
    client.token("reports", "acme").await.unwrap();
    clock.advance(Duration::from_mins(24 * 60 - 1));
    answer(&broker, token("two").set_delay(Duration::from_millis(100))).await;
    let (renewed, held) = tokio::join!(client.token("reports", "acme"), async { client.held("reports", "acme") });
    assert_eq!((renewed.unwrap().expose(), held.unwrap().expose()), ("two", "one"));
    client.forget("reports", "acme");
    assert!(client.held("reports", "acme").is_none());
}

#[tokio::test]
async fn request_that_a_freeze_cut_is_sent_again() {
    let broker = MockServer::start().await;
    let (client, clock) = client(&broker.uri());
    answer(&broker, token("one").set_delay(HOUR)).await;
    let freeze = async {
        while broker.received_requests().await.unwrap_or_default().is_empty() {
            tokio::task::yield_now().await;
        }
        answer(&broker, token("two")).await;
        clock.advance(HOUR);
    };
    let (result, ()) = tokio::join!(client.token("reports", "acme"), freeze);
    let token = result.unwrap();
    assert_eq!((token.expose(), token.expires_at), ("two", SystemTime::UNIX_EPOCH + HOUR * 25));
}

#[tokio::test]
async fn backoff_doubles_with_each_failure_and_ends_with_a_token() {
    let broker = MockServer::start().await;
    let (client, clock) = client(&broker.uri());
    let client = client.with_options(ClientOptions { backoff: Duration::from_secs(1), ..ClientOptions::default() });
    for pause in [1, 2, 4, 5, 5] {
        answer(&broker, ResponseTemplate::new(502)).await;
        client.token("reports", "acme").await.unwrap_err();
        clock.advance(Duration::from_millis(pause * 1000 - 1));
        client.token("reports", "acme").await.unwrap_err();
        clock.advance(Duration::from_millis(1));
    }
    answer(&broker, token("one")).await;
    assert_eq!(client.token("reports", "acme").await.unwrap().expose(), "one");
}
