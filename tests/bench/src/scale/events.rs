//! Organisations that come and go while sweeps run.

use broker_core::broker::Invocation;
use broker_core::clock::{Clock as _, Deadline};
use broker_core::id::GrantId;
use broker_core::request::Reconcile;
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use super::{INTERVAL, Simulation, TIMEOUT};

/// Events that are handled at once: the environments that the template reserves for the refresher.
const AT_ONCE: usize = 10;

/// The events of one hour, evenly spread over it.
#[derive(Debug, Clone, Default)]
pub struct HourOfEvents {
    /// How many newcomers authorise the app.
    pub authorize: usize,
    /// The grants whose organisations withdraw.
    pub deauthorize: Vec<GrantId>,
}

impl Simulation {
    /// Hands the events of an hour that `began` to the refresher, as webhook's queue does.
    pub(super) async fn deliver(&self, events: &HourOfEvents, began: Timestamp) {
        let newcomers = self.newcomers(events.authorize);
        let fences = events.deauthorize.iter().cloned().map(|id| (id, false));
        let all: Vec<(GrantId, bool)> = newcomers.into_iter().map(|id| (id, true)).chain(fences).collect();
        let Ok(count) = i32::try_from(all.len()) else { return };
        let handled = stream::iter((0..).zip(all)).map(|(place, (id, comes))| async move {
            let at = began + INTERVAL * place / count;
            let wait = at.duration_since(self.clock.now()).max(SignedDuration::ZERO);
            self.clock.sleep(wait).await;
            self.handle(&id, comes).await;
        });
        handled.buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    async fn handle(&self, id: &GrantId, comes: bool) {
        let now = self.clock.now();
        let invocation = Invocation::until(Deadline::at(now + TIMEOUT));
        if comes {
            let request = Reconcile { id: id.clone(), authorized_at: Some(now) };
            let handled = self.receiver.reconcile(&invocation, &request).await;
            assert!(handled.is_ok(), "{id} could not be authorised: {handled:?}");
        } else {
            if let Some(org) = id.subject.org() {
                self.webex.deauthorize(org);
            }
            let handled = self.receiver.fence(&invocation, id).await;
            assert!(handled.is_ok(), "{id} could not be fenced: {handled:?}");
        }
    }

    /// `count` of the grants, spread over all of them.
    pub fn some(&self, count: usize) -> Vec<GrantId> {
        let state = self.store.state();
        let active: Vec<GrantId> = state.rows.active().map(|(id, _)| id).collect();
        let distance = (active.len() / count.max(1)).max(1);
        active.into_iter().step_by(distance).take(count).collect()
    }

    fn newcomers(&self, count: usize) -> Vec<GrantId> {
        let state = self.store.state();
        state.rows.absent().take(count).map(|n| state.rows.id(n)).collect()
    }
}
