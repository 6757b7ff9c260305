//! Moving the mark of an app before one of its tokens is taken back.

use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use super::Records;
use crate::clock::{Clock, Deadline};
use crate::grant::Grant;
use crate::id::AppName;
use crate::mark::LEASE;
use crate::port::{Store, StoreError};

/// How long a move of the mark serves for further writes of the same invocation.
const REUSED: SignedDuration = SignedDuration::from_secs(30);

/// Time between the end of a write's attempts and the end of the lease. The last attempt is a few calls, each of which ends
/// within seconds.
pub(super) const LAST_ATTEMPT: SignedDuration = SignedDuration::from_secs(20);

impl<S: Store, C: Clock> Records<'_, S, C> {
    /// Whether the mark of the app must move before `grant` is written over `previous`.
    pub(super) fn must_announce(&self, previous: Option<&Grant>, grant: &Grant) -> bool {
        match previous {
            Some(previous) if self.replaces_dead_token => grant.changes_token_of(previous),
            Some(previous) => grant.takes_back(previous),
            None => false,
        }
    }

    /// Moves the mark of the app, unless this invocation did so a moment ago. Returns until when a token may be taken back.
    pub(crate) async fn announce(&self, app: &AppName) -> Result<Deadline, StoreError> {
        let mut moved = self.invocation.moved_marks.lock().await;
        let now = self.clock.now();
        if let Some(at) = moved.get(app)
            && now.duration_since(*at).abs() < REUSED
        {
            return Ok(self.end_of_attempts(*at));
        }
        match self.store.move_mark(app, self.deadline).await {
            Ok(()) => {}
            // Nobody could ever move the mark then, and vend trusts none that it has not seen.
            Err(error @ StoreError::Refused { .. }) => {
                warn!(app = %app, outcome = "failed", "the mark of {app} could not be moved: {error}");
            }
            Err(error) => return Err(error),
        }
        moved.insert(app.clone(), now);
        Ok(self.end_of_attempts(now))
    }

    fn end_of_attempts(&self, moved_at: Timestamp) -> Deadline {
        self.deadline.min(Deadline::at(moved_at + LEASE).keeping(LAST_ATTEMPT))
    }
}
