//! The operations of EventBridge, and the ways in which they can fail.

/// An operation of EventBridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `PutEvents`
    PutEvents,
    /// Anything else; answered `UnknownOperationException`.
    Unknown,
}

/// One way for a request to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// HTTP 400 of this type, such as `AccessDeniedException`.
    Error(&'static str),
    /// HTTP 500 `InternalException`.
    InternalError,
    /// HTTP 200, but all entries from this position on fail with `InternalFailure`.
    FailEntriesFrom(usize),
    /// Takes the entries, then closes the connection.
    DropAfterEffect,
    /// Accepts the request and never answers.
    HangForever,
}

impl Operation {
    /// The operation of `X-Amz-Target: AWSEvents.<name>`.
    pub(crate) fn of(target: Option<&str>) -> Self {
        match target {
            Some("AWSEvents.PutEvents") => Self::PutEvents,
            _ => Self::Unknown,
        }
    }
}
