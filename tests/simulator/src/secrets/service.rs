//! Secrets Manager behind the shared machinery.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

use super::quotas::Meter;
use super::refusal::{Outcome, Refusal, success};
use super::store::Store;
use super::{Fault, Operation, batch, lifecycle, list, stages, values};
use crate::clock::Clock;
use crate::transport::{Answer, Call, Faults, Journal, Service, Upset, lock};

/// The running store.
pub(crate) struct Vault {
    pub(crate) store: Mutex<Store>,
    pub(crate) meter: Mutex<Meter>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults<Operation, Fault>,
    pub(crate) journal: Journal<Operation>,
}

impl Service for Vault {
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

    fn operation(&self, call: &Call) -> Operation {
        Operation::of(call.header("x-amz-target"))
    }

    fn fields(&self, call: &Call) -> BTreeMap<&'static str, String> {
        fields(&call.json())
    }

    fn upset(&self, fault: &Fault, _call: &Call) -> Upset {
        fault.upset()
    }

    fn unavailable(&self, _call: &Call) -> Answer {
        Answer::empty(503)
    }

    fn perform(&self, operation: Operation, call: &Call) -> Answer {
        if !lock(&self.meter).admits(operation) {
            return Refusal::throttled().answer();
        }
        match self.answer(operation, &call.json()) {
            Ok(body) => success(&body),
            Err(refusal) => refusal.answer(),
        }
    }
}

impl Vault {
    fn answer(&self, operation: Operation, body: &Value) -> Outcome<Value> {
        let now = self.clock.now();
        let store = &mut *lock(&self.store);
        store.bury(now);
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
                Err(Refusal::new("UnknownOperationException", "The simulator does not know this operation."))
            }
        }
    }
}

/// Parameters worth recording; never a secret's value.
const RECORDED: [&str; 7] =
    ["SecretId", "Name", "ClientRequestToken", "VersionId", "VersionStage", "RemoveFromVersionId", "MoveToVersionId"];

fn fields(body: &Value) -> BTreeMap<&'static str, String> {
    let given = |name: &'static str| Some((name, body.get(name)?.as_str()?.to_owned()));
    RECORDED.iter().filter_map(|&name| given(name)).collect()
}
