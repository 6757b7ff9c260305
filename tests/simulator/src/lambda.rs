//! Lambda's Runtime API, reduced to what one function needs: the next invocation and its response.

mod extensions;

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify};

pub use extensions::ExtensionsApi;

/// Longest time that a start may wait for a connection. An attempt of the SDK waits longer.
const HANGING_START: Duration = Duration::from_secs(2);

/// The Runtime API for one process. Each process needs its own: the poll of a killed process would consume the next
/// invocation.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    invocations: UnboundedSender<Value>,
    answers: Mutex<UnboundedReceiver<Value>>,
    polled: Arc<Notify>,
}

#[derive(Clone)]
struct Api {
    invocations: Arc<Mutex<UnboundedReceiver<Value>>>,
    answers: UnboundedSender<Value>,
    polled: Arc<Notify>,
}

impl RuntimeApi {
    /// Starts the Runtime API on a free port of 127.0.0.1.
    pub async fn start() -> anyhow::Result<Self> {
        let (invocations, queue) = unbounded_channel();
        let (sender, answers) = unbounded_channel();
        let polled = Arc::default();
        let api = Api { invocations: Arc::new(Mutex::new(queue)), answers: sender, polled: Arc::clone(&polled) };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(response))
            .with_state(api);
        let address = serve(router).await?;
        Ok(Self { address, invocations, answers: Mutex::new(answers), polled })
    }

    /// A command that runs `executable` with the environment of Lambda and with credentials. The process is killed when it
    /// is dropped.
    pub fn command(&self, executable: &str) -> Command {
        let mut command = command(executable, self.address);
        command
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_SECRET_ACCESS_KEY", "example");
        command
    }

    /// Queues an invocation for the next poll.
    pub fn enqueue(&self, payload: Value) {
        // The receiver lives as long as the server task, so this does not fail.
        let _ = self.invocations.send(payload);
    }

    /// The function's next response or error.
    pub async fn answer(&self) -> Value {
        self.answers.lock().await.recv().await.unwrap_or_default()
    }

    /// Waits until the function polls for its first invocation.
    pub async fn polled(&self) {
        self.polled.notified().await;
    }
}

/// Serves an API of Lambda's on a free port of 127.0.0.1.
async fn serve(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// A command that runs `executable` in an environment of Lambda's whose APIs are at `address`. The process is killed when it
/// is dropped.
fn command(executable: &str, address: SocketAddr) -> Command {
    let mut command = Command::new(executable);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .kill_on_drop(true);
    command
}

/// Starts `executable` where AWS and Webex accept connections and never answer, and checks that it polls for an invocation
/// before it connects to either. Lambda stops a function that takes longer than ten seconds to start, so an outage of
/// either must show in responses and not prevent the start.
pub async fn starts_while_upstreams_hang(executable: &str) -> anyhow::Result<()> {
    let runtime = RuntimeApi::start().await?;
    let upstream = TcpListener::bind("127.0.0.1:0").await?;
    let mut function = spawn_with_upstream(&runtime, executable, &upstream)?;
    tokio::select! {
        () = runtime.polled() => Ok(()),
        _ = upstream.accept() => bail!("{executable} connects to AWS or Webex before it polls for an invocation"),
        status = function.wait() => bail!("{executable} ended at its start: {}", status?),
    }
}

/// Like [`starts_while_upstreams_hang`], for a function that connects to AWS at its start: it must poll for an invocation
/// although the connection is never answered.
pub async fn starts_while_a_connection_hangs(executable: &str) -> anyhow::Result<()> {
    let runtime = RuntimeApi::start().await?;
    let upstream = TcpListener::bind("127.0.0.1:0").await?;
    let mut function = spawn_with_upstream(&runtime, executable, &upstream)?;
    let _connection = tokio::select! {
        connection = upstream.accept() => connection?,
        () = runtime.polled() => bail!("{executable} opens no connection before it polls for an invocation"),
        status = function.wait() => bail!("{executable} ended at its start: {}", status?),
    };
    let polled = tokio::time::timeout(HANGING_START, runtime.polled()).await;
    polled.with_context(|| format!("{executable} waits longer than {HANGING_START:?} for a connection"))
}

/// `executable` with AWS and Webex at `upstream`.
fn spawn_with_upstream(runtime: &RuntimeApi, executable: &str, upstream: &TcpListener) -> anyhow::Result<Child> {
    let url = format!("http://{}", upstream.local_addr()?);
    let mut command = runtime.command(executable);
    command.env("AWS_ENDPOINT_URL", &url).env("WEBEX_API_BASE", &url).stdout(Stdio::null());
    command.spawn().context(executable.to_owned())
}

/// The deadline is a date in 1970, as under `cargo lambda watch`: the function must not use it as it is.
async fn next(State(api): State<Api>) -> Response {
    api.polled.notify_one();
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
    // The test may have ended before the function answers.
    let _ = api.answers.send(answer);
    StatusCode::ACCEPTED
}
