//! The changes of grants, once they are stored: a log line, and an event for the bus.

use tracing::info;

use crate::grant::{Grant, Transition};
use crate::invocation::Invocation;
use crate::notice::GrantChange;

/// Logs the newest change of a grant that was written over `previous`, with the fields of its history, and keeps it for
/// the event bus.
pub(super) fn record(invocation: &Invocation, previous: Option<&Grant>, grant: &Grant) {
    let Some(transition) = grant.history.last() else { return };
    let Transition { what, by, code, tracking_id, .. } = transition;
    let (id, what) = (&grant.id, what.as_str());
    info!(
        app = %id.app, subject = %id.subject, outcome = what, by, code, webex.tracking_id = tracking_id,
        "{id}: {what} by {by}"
    );
    if let Some(change) = GrantChange::of(previous, grant, transition) {
        invocation.record_grant_change(change);
    }
}
