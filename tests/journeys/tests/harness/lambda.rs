//! A stand-in for Lambda's Invoke API in front of the refresher, with synchronous and asynchronous invocations.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use refresher::Refresher;
use serde_json::Value;
use tokio::net::TcpListener;

use super::ManualClock;

type Function = Arc<Refresher<ManualClock>>;

/// One environment of the refresher, and the queue of its asynchronous invocations.
#[derive(Clone, Default)]
pub(crate) struct Lambda {
    function: Arc<Mutex<Option<Function>>>,
    queue: Arc<Mutex<Vec<Value>>>,
    /// While true, every invocation is answered 503.
    down: Arc<Mutex<bool>>,
    /// The concurrent synchronous invocations, and how many are allowed.
    running: Arc<Mutex<(usize, Option<usize>)>>,
}

impl Lambda {
    /// Listens on loopback; returns the URL too.
    pub(super) async fn start() -> (Self, String) {
        let lambda = Self::default();
        let path = "/2015-03-31/functions/refresher/invocations";
        let router = Router::new().route(path, post(invoke)).with_state(lambda.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (lambda, url)
    }

    /// Deploys the function, in the place of an earlier one.
    pub(super) fn deploy(&self, function: Refresher<ManualClock>) {
        *self.function.lock().unwrap() = Some(Arc::new(function));
    }

    /// Begins or ends an outage of Lambda.
    pub(crate) fn outage(&self, down: bool) {
        *self.down.lock().unwrap() = down;
    }

    /// From now on refuses synchronous invocations beyond `most` concurrent ones, as reserved concurrency does.
    pub(crate) fn limit_concurrency(&self, most: usize) {
        self.running.lock().unwrap().1 = Some(most);
    }

    fn begin(&self) -> bool {
        let mut running = self.running.lock().unwrap();
        let (count, most) = *running;
        if most == Some(count) {
            return false;
        }
        running.0 += 1;
        true
    }

    /// The accepted invocations that have not run yet.
    pub(crate) fn queued(&self) -> Vec<Value> {
        self.queue.lock().unwrap().clone()
    }

    /// Empties the queue and returns its invocations, which then never run by themselves.
    pub(crate) fn take_queue(&self) -> Vec<Value> {
        std::mem::take(&mut *self.queue.lock().unwrap())
    }

    /// Runs the queued invocations in the order of their acceptance and returns the answers. A failed invocation returns to
    /// the queue, as in Lambda.
    pub(crate) async fn drain(&self) -> Vec<Value> {
        let mut answers = Vec::new();
        for payload in self.take_queue() {
            match self.run(payload.clone()).await {
                Ok(answer) => answers.push(answer),
                Err(_) => self.queue.lock().unwrap().push(payload),
            }
        }
        answers
    }

    /// One invocation with a time-out of 30 s; the error is the error type of a failed invocation.
    pub(crate) async fn run(&self, payload: Value) -> Result<Value, String> {
        let function = self.function.lock().unwrap().clone().unwrap();
        run(&function, payload, SignedDuration::from_secs(30)).await
    }
}

/// One invocation of `function` with a deadline `time_out` from now.
pub(crate) async fn run(
    function: &Refresher<ManualClock>,
    payload: Value,
    time_out: SignedDuration,
) -> Result<Value, String> {
    let deadline = Deadline::at(function.clock().now() + time_out);
    function.answer(payload, deadline).await.map_err(|failed| failed.error_type)
}

async fn invoke(State(lambda): State<Lambda>, headers: HeaderMap, body: String) -> Response {
    if *lambda.down.lock().unwrap() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let payload: Value = serde_json::from_str(&body).unwrap();
    let is_asynchronous = match headers.get("x-amz-invocation-type") {
        Some(invocation_type) => invocation_type == "Event",
        None => false,
    };
    if is_asynchronous {
        lambda.queue.lock().unwrap().push(payload);
        return StatusCode::ACCEPTED.into_response();
    }
    if !lambda.begin() {
        return (StatusCode::TOO_MANY_REQUESTS, [("x-amzn-errortype", "TooManyRequestsException")], "{}")
            .into_response();
    }
    // A task of its own: Lambda finishes an invocation whose caller has gone.
    let invocation = tokio::spawn(async move {
        let answer = lambda.run(payload).await;
        lambda.running.lock().unwrap().0 -= 1;
        answer
    });
    match invocation.await.unwrap() {
        Ok(answer) => answer.to_string().into_response(),
        Err(_) => ([("x-amz-function-error", "Unhandled")], "{}").into_response(),
    }
}
