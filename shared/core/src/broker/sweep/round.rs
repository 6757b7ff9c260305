//! Working through the tasks of a sweep until they are done or time is up.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use super::plan::{Task, Work};
use super::report::SweepOutcome;
use crate::app::App;
use crate::broker::keep::RenewalOutcome;
use crate::broker::{Broker, BrokerError, Invocation};
use crate::clock::Clock;
use crate::grant::{Failure, Grant, State};
use crate::id::{AppName, GrantId};
use crate::port::{Store, Webex};

/// Grants in hand at once. Each is two writes and one call to Webex; the store takes about 50 writes a second.
const AT_ONCE: usize = 16;

/// Time that a grant needs once it is begun. With less than this left, what remains is for the next run.
const ONE_GRANT: SignedDuration = SignedDuration::from_secs(8);

/// How one task ended.
pub(super) enum End {
    /// It was tried on this record.
    Tried(Box<(Grant, Result<RenewalOutcome, BrokerError>)>),
    /// There was nothing to say about it.
    Nothing,
    /// Time was up.
    Deferred,
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Performs the tasks in order, some at a time, each failing by itself.
    pub(super) async fn round(
        &self,
        run: &Invocation,
        apps: &[App],
        tasks: Vec<Task>,
        standing: &mut BTreeMap<GrantId, Grant>,
        swept: &mut SweepOutcome,
    ) {
        let apps: BTreeMap<&AppName, &App> = apps.iter().map(|app| (&app.name, app)).collect();
        let perform = |task: Task| {
            let app = apps.get(&task.id.app).copied();
            async move { (task.id.clone(), self.perform(run, app, task).await) }
        };
        let mut ends = stream::iter(tasks).map(perform).buffer_unordered(AT_ONCE);
        while let Some((id, end)) = ends.next().await {
            match end {
                End::Tried(tried) => {
                    let (before, result) = *tried;
                    swept.count(run, self.clock.now(), &before, &result, standing);
                }
                End::Nothing => {}
                End::Deferred => swept.defer(&id.app),
            }
        }
    }

    async fn perform(&self, run: &Invocation, app: Option<&App>, task: Task) -> End {
        if !run.deadline.allows(self.clock.now(), ONE_GRANT) {
            return End::Deferred;
        }
        let unknown = || BrokerError::UnknownApp(task.id.app.clone());
        let (stored, result) = match (task.work, app) {
            (Work::FinishRetirement, _) => {
                let scheduled = self.vault.retire(&task.id, run.deadline).await;
                return scheduled.map_or(End::Deferred, |()| End::Nothing);
            }
            (Work::Discover, None) => return End::Nothing,
            (Work::Discover, Some(app)) => return self.discover(run, app, task.id).await,
            (Work::Renew(stored) | Work::Ask(stored), None) => (stored, Err(unknown())),
            (Work::Renew(stored), Some(app)) => {
                let kept = self.better_pair(run, app, &stored).await;
                (stored, kept)
            }
            (Work::Ask(stored), Some(app)) => {
                let kept = self.ask(run, app, &stored).await;
                (stored, kept)
            }
        };
        self.settle(run, &stored, &result).await;
        End::Tried(Box::new((stored.grant, result)))
    }
}

impl SweepOutcome {
    /// Counts how one grant ended, and notes how it stands now.
    pub(super) fn count(
        &mut self,
        run: &Invocation,
        now: Timestamp,
        before: &Grant,
        result: &Result<RenewalOutcome, BrokerError>,
        standing: &mut BTreeMap<GrantId, Grant>,
    ) {
        match result {
            Ok(RenewalOutcome::Renewed(_) | RenewalOutcome::Minted(_) | RenewalOutcome::Retired(_)) => {}
            Ok(RenewalOutcome::Adopted(_)) => self.report.skipped += 1,
            Err(error) => return self.count_failure(run, now, before, error, standing),
        }
        if let Some(grant) = result.as_ref().ok().and_then(RenewalOutcome::grant) {
            standing.insert(grant.id.clone(), grant.clone());
        }
    }

    /// Every failure is listed. An active grant is then failing and a pending one still pending; what is neither, and
    /// what only wants more time than this run has, is left for the next.
    fn count_failure(
        &mut self,
        run: &Invocation,
        now: Timestamp,
        before: &Grant,
        error: &BrokerError,
        standing: &mut BTreeMap<GrantId, Grant>,
    ) {
        self.fail(before.id.app.as_str(), before.id.subject.as_str(), error.code(), error.tracking_id());
        let counts_by_state = matches!(before.state, State::Active | State::Pending);
        if error.wants_more_time_than(run, now) || !counts_by_state {
            self.defer(&before.id.app);
        } else if before.state == State::Active {
            let failure = Failure::after(before.failure.as_ref(), 0, error.code(), error.tracking_id(), now);
            standing.insert(before.id.clone(), before.failing(failure));
        }
    }

    pub(super) fn defer(&mut self, app: &AppName) {
        self.app(app).deferred += 1;
    }
}
