//! How calls to the store fail.

use super::Unreadable;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Someone else wrote first: read again.
    #[error("the record has changed since it was read")]
    Conflict,
    /// The document is not ours to understand; it was left untouched.
    #[error("the document {} cannot be read: {}", .0.name, .0.reason)]
    Unreadable(Unreadable),
    /// The document would exceed the store's limit; it was not sent.
    #[error("the document {name} would have {bytes} bytes, the store takes {limit}")]
    TooLarge {
        /// The secret's name without the deployment's prefix.
        name: String,
        /// The document's size.
        bytes: usize,
        /// The most that the store takes.
        limit: usize,
    },
    /// The record has as many versions as the store keeps in a day (`LimitExceededException`). Reads and deletion work.
    #[error("the store takes no more versions of this record today: {operation} was answered {code}")]
    VersionLimit {
        /// The call.
        operation: &'static str,
        /// The store's error code.
        code: String,
    },
    /// The store refuses us: permissions, KMS, a quota of the account. Waiting does not help.
    #[error("the store refused {operation}: {code}")]
    Refused {
        /// The call.
        operation: &'static str,
        /// The store's error code.
        code: String,
    },
    /// The store did not answer in time, or is throttling or failing: try later.
    #[error("the store did not do {operation}: {code}")]
    Unavailable {
        /// The call.
        operation: &'static str,
        /// The store's error code, or what happened on the way.
        code: String,
    },
}
