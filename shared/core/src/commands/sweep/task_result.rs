//! The result of one task of a sweep.

use crate::error::BrokerError;
use crate::grant::Grant;
use crate::port::Stored;
use crate::renewal::RenewalOutcome;

/// The result of one task.
pub(super) enum TaskResult {
    /// It was attempted on this record.
    Attempted(Box<(Grant, Result<RenewalOutcome, BrokerError>)>),
    /// Webex refused to mint for a grant that no event has announced to end. Nothing is recorded yet.
    Refused(Box<RefusedGrant>),
    /// Nothing to report.
    Nothing,
    /// A question about a token got no answer.
    Unanswered,
    /// Time was up.
    Deferred,
}

/// A grant whose mint Webex refused, without a fence.
pub(super) struct RefusedGrant {
    pub(super) stored: Stored,
    pub(super) error: BrokerError,
}
