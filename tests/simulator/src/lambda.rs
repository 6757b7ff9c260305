//! Lambda's Runtime API, as much of it as one function needs: the next invocation, and its answer.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify};

/// Lambda for one process: a poll that a killed one left behind would take the next one's invocation with it.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    invocations: UnboundedSender<Value>,
    answers: Mutex<UnboundedReceiver<Value>>,
    asked: Arc<Notify>,
}

#[derive(Clone)]
struct Api {
    invocations: Arc<Mutex<UnboundedReceiver<Value>>>,
    answers: UnboundedSender<Value>,
    asked: Arc<Notify>,
}

impl RuntimeApi {
    /// One on a free port of 127.0.0.1.
    pub async fn start() -> anyhow::Result<Self> {
        let (invocations, waiting) = unbounded_channel();
        let (given, answers) = unbounded_channel();
        let asked = Arc::default();
        let api = Api { invocations: Arc::new(Mutex::new(waiting)), answers: given, asked: Arc::clone(&asked) };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(response))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, invocations, answers: Mutex::new(answers), asked })
    }

    /// `executable` with the environment that Lambda gives, and with an account; killed when it is dropped.
    pub fn command(&self, executable: &str) -> Command {
        let mut command = Command::new(executable);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", self.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .kill_on_drop(true);
        command
    }

    /// Queues an invocation for whoever asks next.
    pub fn hand(&self, payload: Value) {
        // Kept in this very struct, the other end is there.
        let _ = self.invocations.send(payload);
    }

    /// The next answer, or error, of the function.
    pub async fn answer(&self) -> Value {
        self.answers.lock().await.recv().await.unwrap_or_default()
    }

    /// Until the function asks for its first invocation.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }
}

/// Starts `executable` where AWS and Webex take connections and never answer, and sees that it asks for work before it
/// connects to either: Lambda ends what does not within ten seconds, and an outage must show in answers.
pub async fn comes_up_in_a_black_hole(executable: &str) -> anyhow::Result<()> {
    let (runtime, hole) = (RuntimeApi::start().await?, TcpListener::bind("127.0.0.1:0").await?);
    let url = format!("http://{}", hole.local_addr()?);
    let mut command = runtime.command(executable);
    command.env("AWS_ENDPOINT_URL", &url).env("WEBEX_API_BASE", &url).stdout(Stdio::null());
    let mut function = command.spawn().context(executable.to_owned())?;
    tokio::select! {
        () = runtime.asked() => Ok(()),
        _ = hole.accept() => bail!("it connects before it asks for work"),
        status = function.wait() => bail!("it does not start: {}", status?),
    }
}

/// The deadline is the 1970 of `cargo lambda watch`, which the function must not believe.
async fn next(State(api): State<Api>) -> Response {
    api.asked.notify_one();
    let payload = api.invocations.lock().await.recv().await.unwrap_or_default();
    let headers = [
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000000"),
        ("lambda-runtime-deadline-ms", "600000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:function"),
    ];
    (headers, payload.to_string()).into_response()
}

async fn response(State(api): State<Api>, body: String) -> StatusCode {
    let Ok(answer) = serde_json::from_str(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    // Nobody may be waiting for it any more.
    let _ = api.answers.send(answer);
    StatusCode::ACCEPTED
}
