//! `sweep`: the refresher's round. It looks at everything, does the most urgent first, isolates each grant's failure,
//! stops in time, and says what it left.

mod discover;
mod plan;
mod report;
mod round;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use tracing::{info, warn};

use super::{Broker, BrokerError, Invocation};
use crate::app::App;
use crate::clock::Clock;
use crate::grant::Grant;
use crate::id::GrantId;
use crate::port::{Scan, Store, Stored, Webex};

pub use report::{AppCounts, FailureLine, SweepOutcome, SweepReport};

/// Time that looking at the registrations needs. They come last: a grant that is not renewed is the greater loss.
const REGISTRATIONS: SignedDuration = SignedDuration::from_secs(2);

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// One round over everything. `webhook_url` overrides the deployment's. An error means that nothing could be done.
    pub async fn sweep(&self, run: &Invocation, webhook_url: Option<&str>) -> Result<SweepOutcome, BrokerError> {
        let began = self.clock.now();
        let mut swept = SweepOutcome::default();
        let looking = run.looking(began);
        let apps = self.vault.apps(looking).await?;
        let grants = self.vault.grants(looking).await?;
        swept.report.scanned = count(grants.items.len() + grants.unreadable.len());
        note_scan("apps", &apps, &mut swept);
        note_scan("grants", &grants, &mut swept);
        let mut standing: BTreeMap<GrantId, Grant> =
            grants.items.iter().map(|stored| (stored.grant.id.clone(), stored.grant.clone())).collect();
        let minter_tried = self.renew_minter(run, &grants.items, &mut standing, &mut swept).await;
        let tasks = plan::plan(&apps.items, &grants, &self.settings, self.clock.now());
        let busy = tasks.iter().filter(|task| task.is_about_a_record()).count() + usize::from(minter_tried);
        swept.report.skipped += count(grants.items.len().saturating_sub(busy));
        self.round(run, &apps.items, tasks, &mut standing, &mut swept).await;
        self.look_after_registrations(run, &apps.items, webhook_url, &mut swept).await;
        let now = self.clock.now();
        swept.count_standing(standing.values(), &self.settings.minter, now);
        swept.count_changes(&run.changes());
        swept.add_up();
        swept.report.elapsed_ms = u64::try_from(now.duration_since(began).as_millis()).unwrap_or_default();
        Ok(swept)
    }

    /// The minter goes before all others: everything hangs on it. Says whether there was anything to do.
    async fn renew_minter(
        &self,
        run: &Invocation,
        grants: &[Stored],
        standing: &mut BTreeMap<GrantId, Grant>,
        swept: &mut SweepOutcome,
    ) -> bool {
        let minter = grants.iter().find(|stored| stored.grant.id == self.settings.minter);
        let renewable = |stored: &&Stored| stored.grant.vendable().is_some_and(|pair| pair.refresh_token.is_some());
        let due = |stored: &&Stored| plan::is_due(&stored.grant, &self.settings, self.clock.now());
        let Some(stored) = minter.filter(renewable).filter(due) else {
            return false;
        };
        let result = match self.described(&stored.grant.id.app).await {
            Ok(app) => self.refresh(run, &app.client, stored).await,
            Err(error) => Err(error),
        };
        self.settle(run, stored, &result).await;
        swept.count(run, self.clock.now(), &stored.grant, &result, standing);
        true
    }

    async fn look_after_registrations(
        &self,
        run: &Invocation,
        apps: &[App],
        webhook_url: Option<&str>,
        swept: &mut SweepOutcome,
    ) {
        let Some(base) = webhook_url.or(self.settings.webhook_url.as_deref()) else {
            return;
        };
        if !run.asking().allows(self.clock.now(), REGISTRATIONS) {
            info!(outcome = "deferred", "registrations are left for the next sweep");
            return;
        }
        if let Err(error) = self.repair_registrations(run, apps, base, swept).await {
            let refusal = error.command_error();
            warn!(outcome = "failed", code = refusal.code, "registrations were not looked at: {}", refusal.detail);
            let minter = &self.settings.minter;
            swept.fail(minter.app.as_str(), minter.subject.as_str(), refusal.code, refusal.tracking_id);
        }
    }
}

/// What could not be read is counted; a scan that ended early is a failure of its own, since nobody knows what is
/// missing.
fn note_scan<T>(what: &'static str, scan: &Scan<T>, swept: &mut SweepOutcome) {
    swept.count_unreadable(&scan.unreadable);
    if let Some(error) = &scan.cut_short {
        warn!(outcome = "cut_short", "not all {what} could be listed: {error}");
        swept.fail(what, "", "listing_cut_short".to_owned(), None);
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
