//! What an update decides about a record, and what became of it.

use crate::grant::Grant;
use crate::port::Stored;

/// What to do about a record, given how it stands.
pub(crate) enum Decision<T> {
    /// Write this in its place.
    Write(Box<Grant>),
    /// Write this in its place as the mark of a renewal that begins. If others claim at the same time, decide again
    /// after a wait.
    Claim(Box<Grant>),
    /// Leave the record as it is, with this result.
    Leave(T),
    /// Decide again after a wait, while the deadline allows it.
    LookAgain,
}

/// The purpose of one write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    Change,
    Claim,
}

/// The result of an update.
#[expect(clippy::large_enum_variant, reason = "lives for one match")]
pub(crate) enum Updated<T> {
    /// The record as written.
    Written(Stored),
    /// The record was left as it was.
    Left(T),
}
