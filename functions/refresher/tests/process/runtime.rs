//! Lambda's Runtime API, as much of it as one function needs: the next invocation, and its answer.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One for each process: a poll that a killed one left behind would take the next one's invocation with it.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    invocations: UnboundedSender<Value>,
    answers: Mutex<UnboundedReceiver<Value>>,
}

#[derive(Clone)]
struct Api {
    invocations: Arc<Mutex<UnboundedReceiver<Value>>>,
    answers: UnboundedSender<Value>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Self {
        let (invocations, waiting) = unbounded_channel();
        let (given, answers) = unbounded_channel();
        let api = Api { invocations: Arc::new(Mutex::new(waiting)), answers: given };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(response))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, invocations, answers: Mutex::new(answers) }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Queues an invocation for whoever asks next.
    pub(crate) fn hand(&self, payload: Value) {
        self.invocations.send(payload).unwrap();
    }

    /// The next answer, or error, of a function.
    pub(crate) async fn answer(&self) -> Value {
        self.answers.lock().await.recv().await.unwrap()
    }
}

/// The deadline is the 1970 of `cargo lambda watch`, which the function must not believe.
async fn next(State(api): State<Api>) -> Response {
    let payload = api.invocations.lock().await.recv().await.unwrap();
    let headers = [
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000000"),
        ("lambda-runtime-deadline-ms", "600000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:refresher"),
    ];
    (headers, payload.to_string()).into_response()
}

async fn response(State(api): State<Api>, body: String) -> StatusCode {
    api.answers.send(serde_json::from_str(&body).unwrap()).unwrap();
    StatusCode::ACCEPTED
}
