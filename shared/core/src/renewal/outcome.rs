//! The outcome of renewing one grant.

use crate::grant::{Grant, State};
use crate::invocation::Change;
use crate::port::{Found, Stored};

/// The outcome of renewing one grant.
#[derive(Debug)]
pub(crate) enum RenewalOutcome {
    /// Its pair was refreshed here.
    Renewed(Stored),
    /// A pair was minted here.
    Minted(Stored),
    /// Another writer was faster, and what it wrote stands.
    Adopted(Found<Stored>),
    /// It ended after a fence.
    Retired(Grant),
    /// It ended without a fence, on other evidence.
    RetiredUnannounced(Grant),
}

impl RenewalOutcome {
    /// The record as it stands now, if it can be read.
    pub(crate) fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Renewed(stored) | Self::Minted(stored) => Some(&stored.grant),
            Self::Adopted(Found::Live(stored)) => Some(&stored.grant),
            Self::Adopted(Found::Absent | Found::Retired) => None,
            Self::Retired(grant) | Self::RetiredUnannounced(grant) => Some(grant),
        }
    }

    /// The grant's state now. A record that is gone was retired.
    pub(crate) fn state(&self) -> State {
        match self.grant() {
            Some(grant) => grant.state,
            None => State::Revoked,
        }
    }

    /// The change for log and metrics, if this environment made one.
    pub(crate) fn change(&self) -> Option<Change> {
        match self {
            Self::Renewed(_) => Some(Change::Renewed),
            Self::Minted(_) => Some(Change::Minted),
            Self::Adopted(_) => None,
            Self::Retired(_) => Some(Change::Retired),
            Self::RetiredUnannounced(_) => Some(Change::RetiredUnannounced),
        }
    }
}
