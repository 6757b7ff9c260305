//! Moving quiet grants into packs, and back.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::report::SweepOutcome;
use crate::app::{App, AppType};
use crate::context::{Context, Ports};
use crate::grant::Grant;
use crate::id::{AppName, GrantId};
use crate::port::{Store as _, StoreError, Stored};
use crate::schedule::place_among_packings;

/// Grants that a sweep packs at most: as many as one renews. Each costs a write, of which Secrets Manager takes 50 a second.
const AT_MOST: usize = 12_000;

/// The grants of each app that a sweep saw in packs, and those that could be.
#[derive(Debug, Default)]
pub(super) struct QuietGrants {
    apps: BTreeMap<AppName, QuietGrantsOfApp>,
    /// Some of the quiet ones, in the order in which their packs take them.
    candidates: BTreeMap<(SignedDuration, GrantId), Stored>,
}

#[derive(Debug, Default)]
struct QuietGrantsOfApp {
    packed: u32,
    quiet: u32,
}

/// Where the quiet grants of an app belong.
#[derive(Debug, PartialEq, Eq)]
enum Layout {
    Pack,
    Unpack,
    Leave,
}

impl QuietGrants {
    /// Counts a grant in a pack.
    pub(super) fn count_packed(&mut self, grant: &Grant) {
        self.apps.entry(grant.id.app.clone()).or_default().packed += 1;
    }

    /// Counts a grant with a secret of its own if it is quiet.
    pub(super) fn consider(&mut self, stored: &Stored, now: Timestamp) {
        let id = &stored.grant.id;
        if id.subject.org().is_none() || !stored.grant.is_quiet(now) {
            return;
        }
        let of_app = self.apps.entry(id.app.clone()).or_default();
        of_app.quiet += 1;
        self.candidates.insert((place_among_packings(id, now), id.clone()), stored.clone());
        if self.candidates.len() > AT_MOST {
            self.candidates.pop_last();
        }
    }

    /// Takes out the candidates of an app.
    fn candidates_of(&mut self, app: &AppName) -> Vec<Stored> {
        self.candidates.extract_if(.., |(_, id), _| id.app == *app).map(|(_, stored)| stored).collect()
    }
}

/// The moves into packs and out of them, app by app.
pub(super) struct PackingPlan(Vec<AppPacking>);

struct AppPacking {
    app: AppName,
    /// Its grants in packs, as listed.
    packed: u32,
    layout: Layout,
    candidates: Vec<Stored>,
}

impl PackingPlan {
    /// Plans to pack the quiet grants of apps that have more of them than `PACK_ABOVE`, and to unpack those of others.
    pub(super) fn new(apps: &[App], mut quiet: QuietGrants, pack_above: u32, outcome: &SweepOutcome) -> Self {
        let plans = apps.iter().map(|app| {
            let grants = quiet.apps.remove(&app.name).unwrap_or_default();
            let is_complete = !outcome.unlisted.contains_key(&app.name);
            let layout = layout_of(app, &grants, pack_above, is_complete);
            let candidates = if layout == Layout::Pack { quiet.candidates_of(&app.name) } else { Vec::new() };
            AppPacking { app: app.name.clone(), packed: grants.packed, layout, candidates }
        });
        Self(plans.collect())
    }

    /// Carries out the moves, one app after another. Returns how many grants of each app are in packs afterwards.
    pub(super) async fn carry_out<P: Ports>(self, cx: &Context<'_, P>) -> Vec<(AppName, u32)> {
        let mut packed = Vec::new();
        for plan in self.0 {
            packed.push(plan.carry_out(cx).await);
        }
        packed
    }
}

impl AppPacking {
    async fn carry_out<P: Ports>(self, cx: &Context<'_, P>) -> (AppName, u32) {
        let Self { app, packed, layout, candidates } = self;
        let packed = match layout {
            Layout::Leave => packed,
            Layout::Pack => packed + moved(&app, "packed", cx.store.pack(&app, candidates, cx.deadline).await),
            Layout::Unpack => packed.saturating_sub(moved(&app, "unpacked", cx.store.unpack(&app, cx.deadline).await)),
        };
        (app, packed)
    }
}

/// Records of data sources are tags of the grants' own secrets, so an app that has any is not packed. An app that a few
/// organisations leave and join again is not moved to and fro.
fn layout_of(app: &App, grants: &QuietGrantsOfApp, above: u32, is_complete: bool) -> Layout {
    let is_service_app = matches!(app.kind, AppType::ServiceApp(_));
    let may_pack = is_service_app && app.data_sources().is_empty() && above > 0;
    let total = grants.packed.saturating_add(grants.quiet);
    if may_pack && total > above {
        return Layout::Pack;
    }
    let is_far_below = is_complete && total < above - above / 10;
    if grants.packed > 0 && (!may_pack || is_far_below) {
        return Layout::Unpack;
    }
    Layout::Leave
}

fn moved(app: &AppName, how: &'static str, result: Result<u32, StoreError>) -> u32 {
    match result {
        Ok(0) => 0,
        Ok(count) => {
            info!(app = %app, outcome = how, count, "{count} grants of {app} were {how}");
            count
        }
        Err(error) => {
            warn!(app = %app, outcome = "failed", "not all grants of {app} could be {how}: {error}");
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::State;
    use crate::port::Version;

    fn quiet_grant(initial: char, n: usize, now: Timestamp) -> Stored {
        let id = GrantId::parse(&format!("reports/{initial}{n:07x}-0000-4000-8000-000000000000")).unwrap();
        let renewed_at = Some(now - SignedDuration::from_hours(1));
        let grant = Grant { renewed_at, ..Grant::empty(id, State::Active) };
        Stored { grant, version: Version("1".to_owned()) }
    }

    #[test]
    fn grants_that_the_last_sweep_renewed_are_packed_before_those_that_wait_for_a_merge() {
        // The windows of these initials began six hours, two hours and one hour ago.
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(6);
        let mut quiet = QuietGrants::default();
        for initial in ['0', '4', '5'] {
            for n in 0..AT_MOST / 2 {
                quiet.consider(&quiet_grant(initial, n, now), now);
            }
        }
        let candidates = quiet.candidates_of(&AppName::parse("reports").unwrap());
        let with =
            |initial: char| candidates.iter().filter(|it| it.grant.id.subject.as_str().starts_with(initial)).count();
        assert_eq!((with('5'), with('4'), with('0')), (AT_MOST / 2, AT_MOST / 2, 0));
        assert_eq!(quiet.apps[&AppName::parse("reports").unwrap()].quiet as usize, AT_MOST / 2 * 3);
    }
}
