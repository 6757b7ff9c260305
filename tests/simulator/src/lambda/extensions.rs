//! Lambda's Extensions API, reduced to what one extension needs. Source: AWS Lambda Developer Guide, "Using the Lambda
//! Extensions API to create extensions".

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify};

/// The identifier that the API gives to the extension and wants back with each request.
const IDENTIFIER: &str = "a1b2c3d4-5678-90ab-cdef-example11111";

/// The Extensions API for one extension.
#[derive(Debug)]
pub struct ExtensionsApi {
    address: SocketAddr,
    events: UnboundedSender<Value>,
    reports: Mutex<UnboundedReceiver<Value>>,
    asked: Arc<Notify>,
}

#[derive(Clone)]
struct Api {
    events: Arc<Mutex<UnboundedReceiver<Value>>>,
    reports: UnboundedSender<Value>,
    asked: Arc<Notify>,
}

impl ExtensionsApi {
    /// Starts the API on a free port of 127.0.0.1.
    pub async fn start() -> anyhow::Result<Self> {
        let (events, queue) = unbounded_channel();
        let (sender, reports) = unbounded_channel();
        let asked = Arc::default();
        let api = Api { events: Arc::new(Mutex::new(queue)), reports: sender, asked: Arc::clone(&asked) };
        let router = Router::new()
            .route("/2020-01-01/extension/register", post(register))
            .route("/2020-01-01/extension/event/next", get(next))
            .route("/2020-01-01/extension/init/error", post(init_error))
            .with_state(api);
        let address = super::serve(router).await?;
        Ok(Self { address, events, reports: Mutex::new(reports), asked })
    }

    /// A command that runs `executable` with the environment of an extension, and with a session token. The process is
    /// killed when it is dropped.
    pub fn command(&self, executable: &str) -> Command {
        let mut command = super::command(executable, self.address);
        command.env("AWS_SECRET_ACCESS_KEY", "not/a+secret").env("AWS_SESSION_TOKEN", "session-token-of-the-function");
        command
    }

    /// Invokes the function, as far as the extension sees it.
    pub fn invoke(&self) {
        self.send(&json!({"eventType": "INVOKE", "deadlineMs": 676_051, "requestId": "3da1f2dc", "tracing": {}}));
    }

    /// Shuts the environment down.
    pub fn shut_down(&self) {
        self.send(&json!({"eventType": "SHUTDOWN", "shutdownReason": "spindown", "deadlineMs": 676_051}));
    }

    /// Waits until the extension asks for an event, which it has not done since the last call.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// The extension's next report: its registration or the error of its start.
    pub async fn report(&self) -> Value {
        self.reports.lock().await.recv().await.unwrap_or_default()
    }

    fn send(&self, event: &Value) {
        // The receiver lives as long as the server task, so this does not fail.
        let _ = self.events.send(event.clone());
    }
}

async fn register(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(name) = header(&headers, "lambda-extension-name") else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // The test may have ended.
    let _ = api.reports.send(json!({"name": name, "events": body["events"]}));
    let answer = json!({"functionName": "function", "functionVersion": "$LATEST", "handler": "handler"});
    ([("lambda-extension-identifier", IDENTIFIER)], answer.to_string()).into_response()
}

async fn next(State(api): State<Api>, headers: HeaderMap) -> Response {
    if header(&headers, "lambda-extension-identifier") != Some(IDENTIFIER) {
        return StatusCode::FORBIDDEN.into_response();
    }
    api.asked.notify_one();
    let event = api.events.lock().await.recv().await.unwrap_or_default();
    event.to_string().into_response()
}

async fn init_error(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let kind = header(&headers, "lambda-extension-function-error-type");
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    // The test may have ended.
    let _ = api.reports.send(json!({"kind": kind, "error": body}));
    StatusCode::ACCEPTED
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
