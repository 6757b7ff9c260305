//! Amazon EventBridge: the operation `PutEvents`, which records entries for tests to read.

mod entry;
mod operation;
mod service;

use std::fmt;
use std::sync::{Arc, Mutex};

pub use entry::PutEvent;
pub use operation::{Fault, Operation};

use crate::clock::Clock;
use crate::transport::{self, Loopback, Server, lock};
use service::EventsService;

/// The faults of EventBridge.
pub type Faults = transport::Faults<Operation, Fault>;
/// The requests that EventBridge has received.
pub type Journal = transport::Journal<Operation>;

/// A handle to the simulated EventBridge. Clones control the same buses.
#[derive(Clone)]
pub struct EventBridge {
    service: Arc<EventsService>,
    endpoint_url: String,
}

impl EventBridge {
    pub(crate) async fn start(port: Option<u16>, clock: Clock) -> anyhow::Result<(Self, Server)> {
        let listener = Loopback::bind(port).await?;
        let events = Self {
            endpoint_url: format!("http://{}", listener.address()),
            service: Arc::new(EventsService {
                taken: Mutex::default(),
                clock,
                faults: Faults::default(),
                journal: Journal::default(),
            }),
        };
        let server = Server::spawn(listener, Arc::clone(&events.service));
        Ok((events, server))
    }

    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL_EVENTBRIDGE`.
    pub fn endpoint_url(&self) -> String {
        self.endpoint_url.clone()
    }

    /// The requests received so far, with their statuses.
    pub fn journal(&self) -> Journal {
        self.service.journal.clone()
    }

    /// The faults to plan.
    pub fn faults(&self) -> Faults {
        self.service.faults.clone()
    }

    /// The events that were taken so far, in order.
    pub fn taken(&self) -> Vec<PutEvent> {
        lock(&self.service.taken).clone()
    }

    /// The events of one `detail-type`, in order.
    pub fn of_type(&self, detail_type: &str) -> Vec<PutEvent> {
        let mut events = self.taken();
        events.retain(|event| event.detail_type == detail_type);
        events
    }
}

impl fmt::Debug for EventBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("EventBridge");
        fields.field("endpoint_url", &self.endpoint_url).finish_non_exhaustive()
    }
}
