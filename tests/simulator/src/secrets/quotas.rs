//! Request quotas: a token bucket for each operation.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Operation;
use crate::clock::Clock;

/// Requests a second, each operation by itself, with one second's worth of burst.
#[derive(Clone, Debug)]
pub struct Quotas {
    /// Each operation that writes.
    pub writes: f64,
    /// `ListSecrets` and `BatchGetSecretValue`.
    pub lists: f64,
    /// `GetSecretValue` and `DescribeSecret`.
    pub reads: f64,
    /// What the buckets fill by: the simulator's clock, or [`Clock::system`] for real time.
    pub clock: Clock,
}

impl Quotas {
    /// The quotas of AWS.
    pub fn aws(clock: Clock) -> Self {
        Self { writes: 50.0, lists: 100.0, reads: 10_000.0, clock }
    }

    fn rate(&self, operation: Operation) -> f64 {
        match operation {
            Operation::ListSecrets | Operation::BatchGetSecretValue => self.lists,
            Operation::GetSecretValue | Operation::DescribeSecret => self.reads,
            _ => self.writes,
        }
    }
}

/// The buckets.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    quotas: Option<Quotas>,
    /// What is left of each, and since when.
    buckets: HashMap<Operation, (f64, Timestamp)>,
}

impl Meter {
    pub(crate) fn set(&mut self, quotas: Option<Quotas>) {
        self.quotas = quotas;
        self.buckets.clear();
    }

    /// Takes one from the bucket; false if it is empty.
    pub(crate) fn admits(&mut self, operation: Operation) -> bool {
        let Some(quotas) = &self.quotas else {
            return true;
        };
        let (rate, now) = (quotas.rate(operation), quotas.clock.now());
        let (left, since) = self.buckets.entry(operation).or_insert((rate, now));
        let filled = now.duration_since(*since).as_secs_f64() * rate;
        *left = (*left + filled).min(rate);
        *since = now;
        let admitted = *left >= 1.0;
        if admitted {
            *left -= 1.0;
        }
        admitted
    }
}
