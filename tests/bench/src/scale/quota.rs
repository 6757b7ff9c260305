//! The calls to Secrets Manager: how long each takes, how many an account may make in a second, and how many were made.

use jiff::{SignedDuration, Timestamp};

/// An operation of Secrets Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `GetSecretValue`.
    Get,
    /// `DescribeSecret`.
    Describe,
    /// `BatchGetSecretValue`.
    Batch,
    /// `ListSecrets`.
    List,
    /// `PutSecretValue`.
    Put,
    /// `UpdateSecretVersionStage`.
    Move,
    /// `UpdateSecret`, and `TagResource`.
    Update,
    /// `CreateSecret`.
    Create,
    /// `DeleteSecret`.
    Delete,
    /// `RestoreSecret`.
    Restore,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Get,
        Self::Describe,
        Self::Batch,
        Self::List,
        Self::Put,
        Self::Move,
        Self::Update,
        Self::Create,
        Self::Delete,
        Self::Restore,
    ];

    /// Whether it writes.
    fn is_write(self) -> bool {
        matches!(self.quota(), Some((_, rate)) if rate < 100.0)
    }

    /// The time until its answer.
    pub(super) fn latency(self) -> SignedDuration {
        SignedDuration::from_millis(match self {
            Self::Get | Self::Describe => 15,
            Self::Batch | Self::List => 300,
            _ => 60,
        })
    }

    /// The quota that it shares with others, as a place in [`Quotas`], and its calls a second. The quota of reads of one
    /// secret is far away.
    fn quota(self) -> Option<(usize, f64)> {
        match self {
            Self::Get | Self::Describe => None,
            Self::Batch => Some((0, 100.0)),
            Self::List => Some((1, 100.0)),
            Self::Put | Self::Move | Self::Update => Some((2, 50.0)),
            Self::Create => Some((3, 50.0)),
            Self::Delete => Some((4, 50.0)),
            Self::Restore => Some((5, 50.0)),
        }
    }
}

/// How many quotas there are.
const QUOTAS: usize = 6;

/// Calls by operation.
#[derive(Debug, Default, Clone, Copy)]
pub struct Calls {
    by_operation: [u64; Operation::ALL.len()],
    /// Those that were throttled.
    pub throttled: u64,
    /// Those that were refused because a secret waits for its deletion.
    pub refused: u64,
}

impl Calls {
    pub(super) fn add(&mut self, operation: Operation) {
        self.by_operation[operation as usize] += 1;
    }

    /// Adds other calls.
    pub fn extend(&mut self, other: &Self) {
        for (sum, calls) in self.by_operation.iter_mut().zip(other.by_operation) {
            *sum += calls;
        }
        self.throttled += other.throttled;
        self.refused += other.refused;
    }

    /// The calls of one operation.
    pub fn of(&self, operation: Operation) -> u64 {
        self.by_operation[operation as usize]
    }

    /// The calls that write.
    pub fn writes(&self) -> u64 {
        Operation::ALL.into_iter().filter(|operation| operation.is_write()).map(|operation| self.of(operation)).sum()
    }

    /// The calls within that quota of writes of which most was used.
    pub fn most_in_a_quota(&self) -> u64 {
        let mut by_quota = [0; QUOTAS];
        for operation in Operation::ALL.into_iter().filter(|operation| operation.is_write()) {
            if let Some((place, _)) = operation.quota() {
                by_quota[place] += self.of(operation);
            }
        }
        by_quota.into_iter().max().unwrap_or_default()
    }

    /// All calls.
    pub fn all(&self) -> u64 {
        self.by_operation.iter().sum()
    }
}

/// The quotas of an account: each takes as many calls at once as it has in a second.
#[derive(Debug, Default)]
pub(super) struct Quotas([Option<(Timestamp, f64)>; QUOTAS]);

impl Quotas {
    /// Whether the account may make the call now.
    pub(super) fn take(&mut self, operation: Operation, now: Timestamp) -> bool {
        let Some((place, rate)) = operation.quota() else { return true };
        let left = match self.0[place] {
            Some((at, left)) => (left + now.duration_since(at).as_secs_f64() * rate).min(rate),
            None => rate,
        };
        let is_free = left >= 1.0;
        self.0[place] = Some((now, if is_free { left - 1.0 } else { left }));
        is_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_refuses_the_fifty_first_write_of_a_second() {
        let mut quotas = Quotas::default();
        let now = Timestamp::UNIX_EPOCH;
        let taken = (0..60).filter(|_| quotas.take(Operation::Put, now)).count();
        assert_eq!(taken, 50);
        assert!(!quotas.take(Operation::Move, now), "puts and moves share a quota");
        assert!(quotas.take(Operation::Restore, now));
        assert!(quotas.take(Operation::Move, now + SignedDuration::from_millis(20)));
    }
}
