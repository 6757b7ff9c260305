//! Request quotas: token buckets, some of which several operations share.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Operation;
use crate::clock::Clock;

/// Requests per second for each operation, with a burst of one second's worth.
#[derive(Clone, Debug)]
pub struct Quotas {
    /// The rate of each operation that writes.
    pub writes: f64,
    /// The rate of `ListSecrets` and of `BatchGetSecretValue`.
    pub lists: f64,
    /// The rate of `GetSecretValue` and of `DescribeSecret`.
    pub reads: f64,
    /// The clock that fills the buckets: the simulator's, or [`Clock::system`] for real time.
    pub clock: Clock,
}

impl Quotas {
    /// The quotas of AWS.
    pub fn aws(clock: Clock) -> Self {
        Self { writes: 50.0, lists: 100.0, reads: 10_000.0, clock }
    }

    /// The operation whose bucket `operation` takes from: AWS counts those that change a version together, and those that
    /// read one.
    fn bucket(operation: Operation) -> Operation {
        match operation {
            Operation::UpdateSecret | Operation::UpdateSecretVersionStage => Operation::PutSecretValue,
            Operation::DescribeSecret => Operation::GetSecretValue,
            other => other,
        }
    }

    fn rate(&self, operation: Operation) -> f64 {
        match operation {
            Operation::ListSecrets | Operation::BatchGetSecretValue => self.lists,
            Operation::GetSecretValue | Operation::DescribeSecret => self.reads,
            _ => self.writes,
        }
    }
}

/// The token buckets.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    quotas: Option<Quotas>,
    /// The tokens in each bucket, and when they were counted.
    buckets: HashMap<Operation, (f64, Timestamp)>,
}

impl RateLimiter {
    pub(crate) fn set(&mut self, quotas: Option<Quotas>) {
        self.quotas = quotas;
        self.buckets.clear();
    }

    /// Takes a token from the operation's bucket; false if it is empty.
    pub(crate) fn admit(&mut self, operation: Operation) -> bool {
        let Some(quotas) = &self.quotas else {
            return true;
        };
        let rate = quotas.rate(operation);
        let now = quotas.clock.now();
        let (left, since) = self.buckets.entry(Quotas::bucket(operation)).or_insert((rate, now));
        let filled = now.duration_since(*since).as_secs_f64() * rate;
        *left = (*left + filled).min(rate);
        *since = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}
