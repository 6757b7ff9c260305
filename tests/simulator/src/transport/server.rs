//! Handles one request: journal, outage, gate, fault, effect, gate, response.

use std::collections::BTreeMap;
use std::future;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response as HttpResponse};
use tokio::task::AbortHandle;

use super::faults::Outage;
use super::loopback::ConnectionHandle;
use super::{Entry, Faults, Journal, Loopback, Point, Request, Response};
use crate::clock::Clock;

/// A simulated service: synchronous functions behind the shared HTTP handling.
pub(crate) trait Service: Send + Sync + 'static {
    /// The operation that a request asks for.
    type Op: Copy + Eq + Send + Sync;
    /// The ways in which a request can fail on demand.
    type Fault: Clone + Send;

    /// The response header that identifies the request.
    const TRACKING_HEADER: &'static str;

    fn clock(&self) -> &Clock;
    fn faults(&self) -> &Faults<Self::Op, Self::Fault>;
    fn journal(&self) -> &Journal<Self::Op>;
    fn tracking_id(&self) -> String;
    fn operation(&self, request: &Request) -> Self::Op;
    /// The parameters to record in the journal, secrets as fingerprints only.
    fn journal_fields(&self, request: &Request) -> BTreeMap<&'static str, String>;
    /// What `fault` does to this request.
    fn apply_fault(&self, fault: &Self::Fault, request: &Request) -> AppliedFault;
    /// The response to every request during an outage.
    fn outage_response(&self, request: &Request) -> Response;
    /// Executes the request. Synchronous, so that no lock is held across an await.
    fn perform(&self, operation: Self::Op, request: &Request) -> Response;
}

/// How a request ends.
pub(crate) enum RequestEnd {
    /// With a response.
    Answered(Response),
    /// The connection stays open and no response comes.
    NoAnswer,
    /// The connection closes without a response.
    Disconnected,
}

/// The effect of a fault on one request.
pub(crate) struct AppliedFault {
    /// Whether the request is executed all the same.
    pub(crate) takes_effect: bool,
    pub(crate) end: RequestEnd,
}

impl AppliedFault {
    /// The request is not executed.
    pub(crate) fn without_effect(end: RequestEnd) -> Self {
        Self { takes_effect: false, end }
    }

    /// The request is executed, but the client does not see its response.
    pub(crate) fn after_effect(end: RequestEnd) -> Self {
        Self { takes_effect: true, end }
    }
}

/// A running service; dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Server(AbortHandle);

impl Server {
    pub(crate) fn spawn<S: Service>(listener: Loopback, service: Arc<S>) -> Self {
        let app = Router::new().fallback(receive::<S>).with_state(service);
        let app = app.into_make_service_with_connect_info::<ConnectionHandle>();
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
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    let request = Request { method, uri, headers, body, tracking_id: service.tracking_id() };
    let operation = service.operation(&request);
    let number = service.journal().open(journal_entry(&*service, operation, &request));
    match handle(&*service, operation, &request).await {
        RequestEnd::Answered(response) => {
            service.journal().close(number, response.status);
            response.with_default_tracking_id(S::TRACKING_HEADER, request.tracking_id).into_http()
        }
        RequestEnd::NoAnswer => future::pending().await,
        RequestEnd::Disconnected => {
            connection.close();
            ().into_response()
        }
    }
}

async fn handle<S: Service>(service: &S, operation: S::Op, request: &Request) -> RequestEnd {
    let faults = service.faults();
    let (outage, latency) = faults.outage_and_latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match outage {
        Some(Outage::Unavailable) => return RequestEnd::Answered(service.outage_response(request)),
        Some(Outage::Unreachable) => return RequestEnd::Disconnected,
        None => {}
    }
    faults.wait_at_gates(operation, Point::BeforeEffect).await;
    let fault = faults.take(operation).map(|fault| service.apply_fault(&fault, request));
    if let Some(AppliedFault { takes_effect: false, end }) = fault {
        return end;
    }
    let response = service.perform(operation, request);
    faults.wait_at_gates(operation, Point::AfterEffect).await;
    match fault {
        Some(fault) => fault.end,
        None => RequestEnd::Answered(response),
    }
}

fn journal_entry<S: Service>(service: &S, operation: S::Op, request: &Request) -> Entry<S::Op> {
    Entry {
        number: 0,
        operation,
        method: request.method.to_string(),
        path: request.uri.to_string(),
        fields: service.journal_fields(request),
        status: None,
        at: service.clock().now(),
        tracking_id: request.tracking_id.clone(),
    }
}
