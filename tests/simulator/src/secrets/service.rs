//! Routes requests to the operations of Secrets Manager.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

use super::error::{AwsError, AwsResult, success};
use super::quotas::RateLimiter;
use super::store::Store;
use super::{Fault, Operation, batch, lifecycle, list, stages, values};
use crate::clock::Clock;
use crate::transport::{AppliedFault, Faults, Journal, Request, Response, Service, lock};

/// The running service.
pub(crate) struct SecretsService {
    pub(crate) store: Mutex<Store>,
    pub(crate) rate_limiter: Mutex<RateLimiter>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults<Operation, Fault>,
    pub(crate) journal: Journal<Operation>,
}

impl Service for SecretsService {
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
        lock(&self.store).uuid()
    }

    fn operation(&self, request: &Request) -> Operation {
        Operation::of(request.header("x-amz-target"))
    }

    fn journal_fields(&self, request: &Request) -> BTreeMap<&'static str, String> {
        journal_fields(&request.json())
    }

    fn apply_fault(&self, fault: &Fault, _request: &Request) -> AppliedFault {
        fault.apply()
    }

    fn outage_response(&self, _request: &Request) -> Response {
        Response::empty(503)
    }

    fn perform(&self, operation: Operation, request: &Request) -> Response {
        if !lock(&self.rate_limiter).admit(operation) {
            return AwsError::throttled().response();
        }
        match self.route(operation, &request.json()) {
            Ok(body) => success(&body),
            Err(error) => error.response(),
        }
    }
}

impl SecretsService {
    fn route(&self, operation: Operation, body: &Value) -> AwsResult<Value> {
        let now = self.clock.now();
        let store = &mut *lock(&self.store);
        store.remove_expired(now);
        match operation {
            Operation::CreateSecret => values::create(store, body, now),
            Operation::PutSecretValue => values::put(store, body, now),
            Operation::GetSecretValue => values::get(store, body),
            Operation::BatchGetSecretValue => batch::get(store, body, now),
            Operation::ListSecrets => list::list(store, body, now),
            Operation::DescribeSecret => lifecycle::describe(store, body),
            Operation::UpdateSecretVersionStage => stages::update(store, body, now),
            Operation::DeleteSecret => lifecycle::delete(store, body, now),
            Operation::RestoreSecret => lifecycle::restore(store, body, now),
            Operation::TagResource => lifecycle::tag(store, body, now),
            Operation::UpdateSecret => values::update(store, body, now),
            Operation::Unknown => {
                Err(AwsError::new("UnknownOperationException", "The simulator does not know this operation."))
            }
        }
    }
}

/// The parameters that the journal records; never a secret's value.
const RECORDED: [&str; 7] =
    ["SecretId", "Name", "ClientRequestToken", "VersionId", "VersionStage", "RemoveFromVersionId", "MoveToVersionId"];

fn journal_fields(body: &Value) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::new();
    for name in RECORDED {
        if let Some(text) = body.get(name).and_then(Value::as_str) {
            fields.insert(name, text.to_owned());
        }
    }
    fields
}
