//! Routes requests to the operations of EventBridge.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::entry::refusal;
use super::{Fault, Operation, PutEvent};
use crate::clock::Clock;
use crate::transport::{AppliedFault, Faults, Journal, Request, RequestEnd, Response, Service, lock};

/// Entries of one request: the most that the service takes.
const MOST_ENTRIES: usize = 10;

/// The running service.
pub(crate) struct EventsService {
    pub(crate) taken: Mutex<Vec<PutEvent>>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults<Operation, Fault>,
    pub(crate) journal: Journal<Operation>,
}

impl Service for EventsService {
    type Op = Operation;
    type Fault = Fault;

    const TRACKING_HEADER: &'static str = "x-amzn-requestid";

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn faults(&self) -> &Faults<Operation, Fault> {
        &self.faults
    }

    fn journal(&self) -> &Journal<Operation> {
        &self.journal
    }

    fn tracking_id(&self) -> String {
        format!("request-{}", self.journal.entries().len())
    }

    fn operation(&self, request: &Request) -> Operation {
        Operation::of(request.header("x-amz-target"))
    }

    fn journal_fields(&self, request: &Request) -> BTreeMap<&'static str, String> {
        let entries = request.json()["Entries"].as_array().map_or(0, Vec::len);
        BTreeMap::from([("entries", entries.to_string())])
    }

    fn apply_fault(&self, fault: &Fault, request: &Request) -> AppliedFault {
        match fault {
            Fault::Error(kind) => {
                AppliedFault::without_effect(RequestEnd::Answered(failure(400, kind, "Refused by the simulator.")))
            }
            Fault::InternalError => {
                let response = failure(500, "InternalException", "This exception occurs due to unexpected causes.");
                AppliedFault::without_effect(RequestEnd::Answered(response))
            }
            Fault::FailEntriesFrom(first) => {
                AppliedFault::without_effect(RequestEnd::Answered(self.put(&request.json(), *first)))
            }
            Fault::DropAfterEffect => AppliedFault::after_effect(RequestEnd::Disconnected),
            Fault::HangForever => AppliedFault::without_effect(RequestEnd::NoAnswer),
        }
    }

    fn outage_response(&self, _request: &Request) -> Response {
        Response::empty(503)
    }

    fn perform(&self, operation: Operation, request: &Request) -> Response {
        match operation {
            Operation::PutEvents => self.put(&request.json(), usize::MAX),
            Operation::Unknown => {
                failure(400, "UnknownOperationException", "The simulator does not know this operation.")
            }
        }
    }
}

impl EventsService {
    /// Takes the entries before `first_failure`, each by itself: one that is refused does not keep the others out.
    fn put(&self, body: &Value, first_failure: usize) -> Response {
        let entries = body["Entries"].as_array().cloned().unwrap_or_default();
        if entries.is_empty() || entries.len() > MOST_ENTRIES {
            let message = "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must \
                           have length less than or equal to 10";
            return failure(400, "ValidationException", message);
        }
        let mut results = Vec::new();
        let mut failed = 0;
        let mut taken = lock(&self.taken);
        for (index, entry) in entries.iter().enumerate() {
            let parsed = match PutEvent::parse(entry, self.clock.now()) {
                Ok(_) if index >= first_failure => Err(refusal("InternalFailure", "Refused by the simulator.")),
                parsed => parsed,
            };
            match parsed {
                Ok(event) => {
                    taken.push(event);
                    results.push(json!({"EventId": format!("event-{}", taken.len())}));
                }
                Err(result) => {
                    failed += 1;
                    results.push(result);
                }
            }
        }
        let answer = json!({"FailedEntryCount": failed, "Entries": results});
        Response::text(200, "application/x-amz-json-1.1", answer.to_string())
    }
}

fn failure(status: u16, kind: &str, message: &str) -> Response {
    let body = json!({"__type": kind, "message": message});
    Response::text(status, "application/x-amz-json-1.1", body.to_string()).with("x-amzn-errortype", kind)
}
