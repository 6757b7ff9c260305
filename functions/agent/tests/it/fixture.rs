//! The parts of the tests: a vend, a clock, callers, and the agent in this process or in its own.

use std::future::{Ready, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use agent::{AgentState, Guard, TokenCache, serve};
use client::{Bearer, BoxError, TokenClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const EXECUTABLE: &str = env!("CARGO_BIN_EXE_webex-token-agent");
/// The guard token of the agent in this process.
pub(crate) const GUARD: &str = "guard";
pub(crate) const TOKEN_PATH: &str = "/v1/apps/reports/grants/acme/token";

/// vend, which answers every request alike until a test changes the answer.
pub(crate) struct StubVend {
    pub(crate) server: MockServer,
    answer: Arc<Mutex<ResponseTemplate>>,
    calls: Arc<AtomicUsize>,
}

struct CurrentAnswer {
    answer: Arc<Mutex<ResponseTemplate>>,
    calls: Arc<AtomicUsize>,
}

impl Respond for CurrentAnswer {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.answer.lock().unwrap().clone()
    }
}

impl StubVend {
    pub(crate) async fn new(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        let answer = Arc::new(Mutex::new(answer));
        let calls = Arc::default();
        let current = CurrentAnswer { answer: Arc::clone(&answer), calls: Arc::clone(&calls) };
        Mock::given(any()).respond_with(current).mount(&server).await;
        Self { server, answer, calls }
    }

    pub(crate) fn answer(&self, answer: ResponseTemplate) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The number of requests since the last call.
    pub(crate) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::Relaxed)
    }

    /// Waits until there were `calls` requests since the last call of [`StubVend::calls`]. The agent looks at its tokens each
    /// 15 seconds by itself, which is not waited for.
    pub(crate) async fn called(&self, calls: usize) {
        let called = async {
            while self.calls.load(Ordering::Relaxed) < calls {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(8), called).await.unwrap();
    }
}

pub(crate) fn token(text: &str, expires_in: u64) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"access_token": text, "expires_in": expires_in, "scope": "spark:all"}))
}

pub(crate) fn problem(status: u16, detail: &str) -> ResponseTemplate {
    let kind = "urn:webex-token-broker:problem:test";
    let body = json!({"type": kind, "title": "Title", "status": status, "detail": detail, "tracking_id": "ROUTER_1"});
    ResponseTemplate::new(status).set_body_json(body)
}

/// A clock that moves by hand.
#[derive(Clone)]
pub(crate) struct HandClock(Arc<Mutex<SystemTime>>);

impl HandClock {
    pub(crate) fn advance(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        let distance = Duration::from_secs(seconds.unsigned_abs());
        *now = if seconds < 0 { *now - distance } else { *now + distance };
    }
}

impl TokenClock for HandClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

type Identity = fn() -> Ready<Result<String, BoxError>>;

/// The agent in this process.
pub(crate) struct Local {
    pub(crate) vend: StubVend,
    pub(crate) clock: HandClock,
    pub(crate) tokens: Arc<TokenCache<Bearer<Identity>, HandClock>>,
    pub(crate) http: Caller,
}

impl Local {
    pub(crate) async fn new(answer: ResponseTemplate) -> Self {
        let vend = StubVend::new(answer).await;
        let clock = HandClock(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000))));
        let identity: Identity = || ready(Ok("identity".to_owned()));
        let tokens = TokenCache::new(&vend.server.uri(), Bearer(identity), clock.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = Caller::new(listener.local_addr().unwrap().port(), GUARD);
        let state = Arc::new(AgentState { guard: Guard::new(GUARD), tokens: Arc::clone(&tokens) });
        tokio::spawn(serve(listener, state, None));
        Self { vend, clock, tokens, http }
    }
}

/// A caller of an agent on this machine.
#[derive(Clone)]
pub(crate) struct Caller {
    base: String,
    guard: String,
    client: reqwest::Client,
}

/// What the agent answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

impl Caller {
    pub(crate) fn new(port: u16, guard: &str) -> Self {
        let client = reqwest::Client::builder().build().unwrap();
        Self { base: format!("http://127.0.0.1:{port}"), guard: guard.to_owned(), client }
    }

    /// The agent's base URL.
    pub(crate) fn address(&self) -> String {
        self.base.clone()
    }

    pub(crate) fn request(&self, method: &str, target: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{target}", self.base);
        self.client.request(method.parse().unwrap(), url)
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        answer(self.request("GET", target).bearer_auth(&self.guard)).await
    }

    pub(crate) async fn token(&self) -> Answer {
        self.get(TOKEN_PATH).await
    }

    /// Reports the token with this SHA-256.
    pub(crate) async fn reject(&self, sha256: &str) -> Answer {
        let body = json!({"access_token_sha256": sha256});
        answer(self.request("POST", &format!("{TOKEN_PATH}/rejected")).bearer_auth(&self.guard).json(&body)).await
    }

    /// Waits until the agent accepts connections.
    pub(crate) async fn ready(&self) {
        while self.request("GET", "/healthz").send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    Answer { status, retry_after, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// A port on which nothing listens.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
