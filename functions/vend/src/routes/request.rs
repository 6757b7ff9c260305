//! A request about one grant.

use broker_core::clock::Deadline;
use broker_core::id::GrantId;
use lambda_http::Request;

/// A request about one grant, from a caller that may make it.
pub(crate) struct GrantHttpRequest<'a> {
    pub(crate) id: &'a GrantId,
    pub(crate) http: &'a Request,
    /// When the request must be answered.
    pub(crate) deadline: Deadline,
}
