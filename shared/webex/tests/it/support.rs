//! A clock that the tests move, a mock server, and arguments that the tests share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use broker_core::app::Client;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::{ApplicationId, OrgId};
use broker_core::pair::TokenResponse;
use broker_core::port::{AppEvent, CodeExchange, RegistrationDraft, Webex as _, WebexError};
use broker_core::token::{AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, RefreshToken, WebhookSecret};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use webex::WebexApi;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// A clock whose `sleep` returns at once, moves the time and is recorded. All tests use it, so it also starts the log.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<ClockState>>);

struct ClockState {
    now: Timestamp,
    sleeps: Vec<SignedDuration>,
    oversleep: SignedDuration,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        crate::captured_log::keep();
        Self(Arc::new(Mutex::new(ClockState {
            now: "2026-11-21T12:00:00Z".parse().unwrap(),
            sleeps: Vec::new(),
            oversleep: SignedDuration::ZERO,
        })))
    }

    pub(crate) fn sleeps(&self) -> Vec<SignedDuration> {
        self.0.lock().unwrap().sleeps.clone()
    }

    /// Makes every later sleep end so much later than asked for.
    pub(crate) fn oversleep_by(&self, by: SignedDuration) {
        self.0.lock().unwrap().oversleep = by;
    }

    pub(crate) fn deadline_in(&self, left: SignedDuration) -> Deadline {
        Deadline::at(self.now() + left)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().now
    }

    async fn sleep(&self, duration: SignedDuration) {
        {
            let state = &mut *self.0.lock().unwrap();
            state.now += duration + state.oversleep;
            state.sleeps.push(duration);
        }
        tokio::task::yield_now().await;
    }
}

/// A mock server, a client of it, and the client's clock.
pub(crate) struct MockWebex {
    pub(crate) server: MockServer,
    pub(crate) clock: TestClock,
    pub(crate) api: WebexApi<TestClock>,
}

impl MockWebex {
    pub(crate) async fn new() -> Self {
        let server = MockServer::start().await;
        let clock = TestClock::new();
        let base = format!("{}/v1", server.uri()).parse().unwrap();
        let api = WebexApi::new(base, clock.clone());
        Self { server, clock, api }
    }

    /// A server that answers every request with `answer`.
    pub(crate) async fn answering(answer: ResponseTemplate) -> Self {
        let mock = Self::new().await;
        mock.answer_with(answer).await;
        mock
    }

    /// A server that answers the first request with `answer` and the others with a token pair.
    pub(crate) async fn answering_once(answer: ResponseTemplate) -> Self {
        let mock = Self::new().await;
        mock.answer_once(answer).await;
        mock.answer_with(token_pair()).await;
        mock
    }

    pub(crate) async fn answer_with(&self, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).mount(&self.server).await;
    }

    pub(crate) async fn answer_once(&self, answer: ResponseTemplate) {
        let mock = Mock::given(any()).respond_with(answer).up_to_n_times(1);
        mock.mount(&self.server).await;
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// A deadline that leaves time for every retry.
    pub(crate) fn long_deadline(&self) -> Deadline {
        self.clock.deadline_in(SignedDuration::from_mins(10))
    }

    pub(crate) async fn refresh(&self) -> Result<TokenResponse, WebexError> {
        self.refresh_until(self.long_deadline()).await
    }

    pub(crate) async fn refresh_until(&self, deadline: Deadline) -> Result<TokenResponse, WebexError> {
        self.api.refresh(&client(), &refresh_token(), deadline).await
    }

    pub(crate) async fn exchange(&self) -> Result<TokenResponse, WebexError> {
        self.exchange_until(self.long_deadline()).await
    }

    pub(crate) async fn exchange_until(&self, deadline: Deadline) -> Result<TokenResponse, WebexError> {
        self.api.exchange(&client(), &code_exchange(), deadline).await
    }

    pub(crate) async fn mint(&self) -> Result<TokenResponse, WebexError> {
        let application = ApplicationId::new("an/app");
        let org = OrgId::parse(ORG).unwrap();
        self.api.mint(&client(), &application, &org, &bearer(), self.long_deadline()).await
    }
}

/// A token response as Webex sends it.
pub(crate) fn token_pair() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "access_token": "the-new-access-token", "expires_in": 1_209_599, "token_type": "Bearer",
        "refresh_token": "the-new-refresh-token", "refresh_token_expires_in": 7_775_999, "scope": "spark:all",
    }))
}

pub(crate) fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

/// An error of Webex with its envelope and a tracking id.
pub(crate) fn webex_error(code: u16) -> ResponseTemplate {
    status(code).set_body_json(json!({"message": "No.", "trackingId": "ROUTERGW_1"}))
}

pub(crate) fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

pub(crate) fn late(answer: ResponseTemplate) -> ResponseTemplate {
    answer.set_delay(Duration::from_secs(30))
}

/// Secrets that tests recognise anywhere, with characters that each encoding treats differently.
pub(crate) const CANARIES: [&str; 6] = [
    "canary-client/secret+1",
    "canary-refresh token&2",
    "canary-bearer/3==",
    "canary-code=\"4\"",
    "canary-verifier~5",
    "canary-webhook é6",
];

pub(crate) fn client() -> Client {
    let secret = ClientSecret::new(CANARIES[0]);
    Client { id: "Cabc".to_owned(), secret }
}

pub(crate) fn refresh_token() -> RefreshToken {
    RefreshToken::new(CANARIES[1])
}

pub(crate) fn bearer() -> AccessToken {
    AccessToken::new(CANARIES[2])
}

pub(crate) fn code_exchange() -> CodeExchange {
    CodeExchange {
        code: AuthorizationCode::new(CANARIES[3]),
        redirect_uri: "https://consent.example/callback?a=b&c".to_owned(),
        code_verifier: CodeVerifier::new(CANARIES[4]),
    }
}

pub(crate) fn draft() -> RegistrationDraft {
    RegistrationDraft {
        name: "webex-token-broker reports".to_owned(),
        target_url: "https://hooks.example/webhooks/reports".to_owned(),
        event: AppEvent::Authorized,
        application_id: ApplicationId::new("Y2lz"),
        secret: WebhookSecret::new(CANARIES[5]),
    }
}
