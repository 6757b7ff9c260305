//! The grants as a sweep knows them: those that it works on one by one, and the others as counts. So the memory of a
//! sweep does not grow with the number of grants.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::counts::AppCounts;
use super::report::SweepOutcome;
use crate::grant::{Grant, State};
use crate::id::{AppName, GrantId};

/// The grants.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    kept: BTreeMap<GrantId, Grant>,
    counted: BTreeMap<AppName, CountedGrants>,
}

/// Grants of one app that are not kept.
#[derive(Debug, Default)]
struct CountedGrants {
    counts: AppCounts,
    /// One that is active and does not fail.
    healthy: Option<GrantId>,
}

impl Fleet {
    /// Keeps a grant by itself.
    pub(super) fn keep(&mut self, grant: Grant) {
        self.kept.insert(grant.id.clone(), grant);
    }

    /// Counts a grant without keeping it.
    pub(super) fn count(&mut self, grant: &Grant, now: Timestamp) {
        let counted = self.counted.entry(grant.id.app.clone()).or_default();
        counted.counts.count_grant(grant, now);
        if counted.healthy.is_none() && is_healthy(grant) {
            counted.healthy = Some(grant.id.clone());
        }
    }

    /// Counts a grant that was kept until now.
    pub(super) fn release(&mut self, id: &GrantId, now: Timestamp) {
        if let Some(grant) = self.kept.remove(id) {
            self.count(&grant, now);
        }
    }

    /// Keeps `after` in the place of `before`, which was kept or counted.
    pub(super) fn replace(&mut self, before: &Grant, after: Grant, now: Timestamp) {
        let was_counted = before.state == State::Active && !self.kept.contains_key(&before.id);
        if was_counted && let Some(counted) = self.counted.get_mut(&before.id.app) {
            counted.counts.discount_active(before, now);
        }
        self.keep(after);
    }

    /// A grant that is kept.
    pub(super) fn get(&self, id: &GrantId) -> Option<&Grant> {
        self.kept.get(id)
    }

    /// The grants that are kept.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Grant> {
        self.kept.values()
    }

    fn kept_of(&self, app: &AppName) -> impl Iterator<Item = &Grant> {
        self.kept.values().filter(move |grant| grant.id.app == *app)
    }

    /// How many grants of the app have not ended.
    pub(super) fn live_grants(&self, app: &AppName) -> usize {
        let kept = self.kept_of(app).filter(|grant| grant.state != State::Revoked).count();
        let Some(counted) = self.counted.get(app) else { return kept };
        let AppCounts { active, pending, fenced, .. } = counted.counts;
        kept + (active + pending + fenced) as usize
    }

    /// A grant of the app that is active and does not fail.
    pub(super) fn healthy_grant(&self, app: &AppName) -> Option<&GrantId> {
        match self.kept_of(app).find(|grant| is_healthy(grant)) {
            Some(grant) => Some(&grant.id),
            None => self.counted.get(app)?.healthy.as_ref(),
        }
    }

    /// Whether a pair was issued to the app that is still there.
    pub(super) fn has_pair(&self, app: &AppName) -> bool {
        self.kept_of(app).any(|grant| grant.pair.is_some()) || self.healthy_grant(app).is_some()
    }

    /// Adds the grants that are not kept to the outcome.
    pub(super) fn add_counted(&self, outcome: &mut SweepOutcome) {
        for (app, counted) in &self.counted {
            outcome.app(app).add_grants(&counted.counts);
        }
    }
}

fn is_healthy(grant: &Grant) -> bool {
    grant.state == State::Active && grant.failure.is_none()
}

#[cfg(test)]
mod tests {
    use super::super::testing::active_grant as grant;
    use super::*;
    use crate::grant::Failure;

    fn counts(fleet: &Fleet, now: Timestamp) -> AppCounts {
        let mut outcome = SweepOutcome::default();
        fleet.add_counted(&mut outcome);
        outcome.count_current(fleet.kept(), &GrantId::parse("minter/default").unwrap(), now);
        outcome.apps["reports"].clone()
    }

    #[test]
    fn grant_counts_once_whether_it_is_kept_counted_or_replaced() {
        let now = Timestamp::UNIX_EPOCH;
        let mut fleet = Fleet::default();
        for name in ["a", "b", "c"] {
            fleet.count(&grant(name, now), now);
        }
        fleet.keep(grant("d", now));
        assert_eq!((counts(&fleet, now).active, counts(&fleet, now).live_tokens), (4, 4));
        let failing = grant("b", now).failing(Failure::after(None, 0, "x".to_owned(), None, now));
        fleet.replace(&grant("b", now), failing, now);
        assert_eq!((counts(&fleet, now).active, counts(&fleet, now).failing), (4, 1), "b was counted and is kept");
        fleet.release(&grant("d", now).id, now);
        assert_eq!((counts(&fleet, now).active, fleet.kept().count()), (4, 1), "d was kept and is counted");
        fleet.replace(&Grant::pending(grant("e", now).id, None), grant("e", now), now);
        assert_eq!(counts(&fleet, now).active, 5, "e was discovered: no grant of before is taken out");
    }

    #[test]
    fn counted_grants_still_say_what_a_sweep_asks_about_them() {
        let now = Timestamp::UNIX_EPOCH;
        let app = AppName::parse("reports").unwrap();
        let mut fleet = Fleet::default();
        assert_eq!((fleet.live_grants(&app), fleet.has_pair(&app)), (0, false));
        fleet.count(&grant("a", now), now);
        assert_eq!((fleet.live_grants(&app), fleet.has_pair(&app)), (1, true));
        assert_eq!(fleet.healthy_grant(&app), Some(&grant("a", now).id));
    }
}
