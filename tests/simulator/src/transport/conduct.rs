//! The way of a request: journal, outage, gate, fault, effect, gate, answer.

use std::collections::BTreeMap;
use std::future;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use tokio::task::AbortHandle;

use super::faults::Outage;
use super::loopback::Line;
use super::{Answer, Call, Entry, Faults, Journal, Loopback, Point};
use crate::clock::Clock;

/// A stand-in: plain functions behind the shared machinery.
pub(crate) trait Service: Send + Sync + 'static {
    type Op: Copy + Eq + Send + Sync;
    type Fault: Clone + Send;

    /// The response header that names the request.
    const TRACKING_HEADER: &'static str;

    fn clock(&self) -> &Clock;
    fn faults(&self) -> &Faults<Self::Op, Self::Fault>;
    fn journal(&self) -> &Journal<Self::Op>;
    fn tracking_id(&self) -> String;
    fn operation(&self, call: &Call) -> Self::Op;
    /// The parameters for the journal.
    fn fields(&self, call: &Call) -> BTreeMap<&'static str, String>;
    /// What `fault` does to this request.
    fn upset(&self, fault: &Self::Fault, call: &Call) -> Upset;
    /// The answer while the stand-in is down.
    fn unavailable(&self, call: &Call) -> Answer;
    /// Does what is asked. Synchronous, so that no lock is ever held across an await.
    fn perform(&self, operation: Self::Op, call: &Call) -> Answer;
}

/// How a request ends.
pub(crate) enum Outcome {
    Answered(Answer),
    /// The connection stays open and nothing comes.
    Silent,
    /// The connection closes and nothing comes.
    Cut,
}

/// A fault, applied to one request.
pub(crate) struct Upset {
    /// Whether the request is carried out all the same.
    pub(crate) takes_effect: bool,
    pub(crate) outcome: Outcome,
}

impl Upset {
    pub(crate) fn instead(outcome: Outcome) -> Self {
        Self { takes_effect: false, outcome }
    }

    pub(crate) fn after_effect(outcome: Outcome) -> Self {
        Self { takes_effect: true, outcome }
    }
}

/// A running stand-in; ends when dropped.
#[derive(Debug)]
pub(crate) struct Server(AbortHandle);

impl Server {
    pub(crate) fn spawn<S: Service>(listener: Loopback, service: Arc<S>) -> Self {
        let app = Router::new().fallback(receive::<S>).with_state(service);
        let app = app.into_make_service_with_connect_info::<Line>();
        let server = async move { axum::serve(listener, app).await };
        Self(tokio::spawn(server).abort_handle())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn receive<S: Service>(
    State(service): State<Arc<S>>,
    ConnectInfo(line): ConnectInfo<Line>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call { method, uri, headers, body, tracking_id: service.tracking_id() };
    let operation = service.operation(&call);
    let number = service.journal().open(entry(&*service, operation, &call));
    match conduct(&*service, operation, &call).await {
        Outcome::Answered(answer) => {
            service.journal().close(number, answer.status);
            let answer = answer.with(S::TRACKING_HEADER, call.tracking_id);
            answer.into_response()
        }
        Outcome::Silent => future::pending().await,
        Outcome::Cut => {
            line.cut();
            ().into_response()
        }
    }
}

async fn conduct<S: Service>(service: &S, operation: S::Op, call: &Call) -> Outcome {
    let faults = service.faults();
    let (outage, latency) = faults.standing();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match outage {
        Some(Outage::Unavailable) => return Outcome::Answered(service.unavailable(call)),
        Some(Outage::Unreachable) => return Outcome::Cut,
        None => {}
    }
    faults.pass(operation, Point::BeforeEffect).await;
    let fault = faults.take(operation, None);
    match fault.map(|fault| service.upset(&fault, call)) {
        Some(upset) if !upset.takes_effect => upset.outcome,
        upset => {
            let answer = service.perform(operation, call);
            faults.pass(operation, Point::AfterEffect).await;
            upset.map_or(Outcome::Answered(answer), |upset| upset.outcome)
        }
    }
}

fn entry<S: Service>(service: &S, operation: S::Op, call: &Call) -> Entry<S::Op> {
    Entry {
        number: 0,
        operation,
        method: call.method.to_string(),
        path: call.uri.to_string(),
        fields: service.fields(call),
        status: None,
        at: service.clock().now(),
        tracking_id: call.tracking_id.clone(),
    }
}
