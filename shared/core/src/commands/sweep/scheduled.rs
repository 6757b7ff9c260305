//! Records that are scheduled for deletion although they are not revoked.

use std::sync::Mutex;

use jiff::SignedDuration;
use tracing::warn;

use super::census::Census;
use crate::clock::Deadline;
use crate::commands::fence::fence_withheld;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::{Found, GrantsPart, Scheduled, Store as _, Stored};
use crate::sync::lock;

/// How long Secrets Manager takes to accept versions of a record again after its limit.
const VERSION_LIMIT_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Takes records back from deletion that an authorisation made live just before they were scheduled, and those that were
/// withheld in place of a fence, once the fence can be written. They join the `census`, before their part is listed.
pub(super) async fn restore_live_records<P: Ports>(
    cx: &Context<'_, P>,
    part: &GrantsPart,
    census: &Mutex<Census<'_>>,
    deadline: Deadline,
) {
    let scheduled = match cx.store.scheduled_in_error(part, deadline).await {
        Ok(scheduled) => scheduled,
        Err(error) => {
            warn!(outcome = "failed", "the records that wait for deletion could not be listed: {error}");
            return;
        }
    };
    for Scheduled { id, fenced_at, is_readable } in scheduled {
        let restored = match fenced_at {
            Some(at) if !is_readable && cx.now().duration_since(at) < VERSION_LIMIT_LASTS => continue,
            Some(at) => fence_withheld(cx, &id, at).await,
            None => restore(cx, &id).await,
        };
        match restored {
            Ok(Some(stored)) => {
                warn!(app = %id.app, subject = %id.subject, outcome = "restored", "{id}: taken back from deletion");
                lock(census).add_restored(stored);
            }
            Ok(None) => {}
            Err(error) => warn!(
                app = %id.app, subject = %id.subject, outcome = "failed", code = error.code(),
                "{id}: not taken back from deletion: {}", error.words()
            ),
        }
    }
}

async fn restore<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<Option<Stored>, BrokerError> {
    match cx.records().restore(id).await? {
        Found::Live(stored) => Ok(Some(*stored)),
        Found::Absent | Found::Retired => Ok(None),
    }
}
