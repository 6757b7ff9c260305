//! What a sweep finds in the listed grants. Each is judged as its page comes: it has work to do, or Webex is to be asked
//! about its token, or it is only counted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::fleet::Fleet;
use super::packing::QuietGrants;
use super::plan::{TaskList, Work, work_for};
use super::probes::ProbeList;
use crate::app::{App, AppType};
use crate::grant::Grant;
use crate::id::{AppName, GrantId};
use crate::port::{GrantsPage, GrantsPart, Stored, Unreadable};
use crate::settings::BrokerSettings;

/// The findings.
pub(super) struct Census<'a> {
    settings: &'a BrokerSettings,
    now: Timestamp,
    /// The organisations that operators name.
    configured: BTreeSet<GrantId>,
    /// Those of them that have a record.
    recorded: BTreeSet<GrantId>,
    /// The grants that people had a notice about.
    announced: BTreeSet<GrantId>,
    /// The grants that this sweep took back from deletion. A listing may not have them, or have them as they were before.
    restored: BTreeSet<GrantId>,
    /// The grants.
    pub(super) fleet: Fleet,
    /// What there is to do.
    pub(super) tasks: TaskList,
    /// The tokens that Webex is to be asked about.
    pub(super) probes: ProbeList,
    /// The grants that are in packs, or could be.
    pub(super) quiet: QuietGrants,
    /// The records that could not be read.
    pub(super) unreadable: Vec<Unreadable>,
    /// The records that were there, readable or not.
    pub(super) scanned: u32,
    /// The grants with nothing to do.
    pub(super) idle: u32,
    /// The grants with work that were left out by app, because others are more urgent and there are too many.
    pub(super) left_out: BTreeMap<AppName, u32>,
}

impl<'a> Census<'a> {
    pub(super) fn new(
        settings: &'a BrokerSettings,
        apps: &[App],
        announced: BTreeSet<GrantId>,
        probes: ProbeList,
        now: Timestamp,
    ) -> Self {
        Self {
            settings,
            now,
            configured: apps.iter().flat_map(configured_orgs).collect(),
            recorded: BTreeSet::new(),
            announced,
            restored: BTreeSet::new(),
            fleet: Fleet::default(),
            tasks: TaskList::default(),
            probes,
            quiet: QuietGrants::default(),
            unreadable: Vec::new(),
            scanned: 0,
            idle: 0,
            left_out: BTreeMap::new(),
        }
    }

    /// Keeps the minter, which has nothing to do.
    pub(super) fn add_idle_minter(&mut self, minter: Grant) {
        self.idle += 1;
        self.fleet.keep(minter);
    }

    /// Judges a record that was taken back from deletion.
    pub(super) fn add_restored(&mut self, stored: Stored) {
        let id = stored.grant.id.clone();
        self.judge(stored, false);
        self.restored.insert(id);
    }

    /// Judges the records of a page.
    pub(super) fn add_page(&mut self, page: GrantsPage) {
        for stored in page.grants {
            if page.are_packed {
                self.quiet.count_packed(&stored.grant);
            }
            self.judge(stored, page.are_packed);
        }
        for document in page.unreadable {
            self.scanned = self.scanned.saturating_add(1);
            if let Some(id) = document.grant() {
                self.recorded.insert(id);
            }
            self.unreadable.push(document);
        }
    }

    fn judge(&mut self, stored: Stored, is_packed: bool) {
        let id = &stored.grant.id;
        if self.restored.contains(id) {
            return;
        }
        self.scanned = self.scanned.saturating_add(1);
        let is_configured = self.configured.contains(id);
        if is_configured {
            self.recorded.insert(id.clone());
        }
        if let Some((work, urgency)) = work_for(&stored, is_packed, is_configured, self.settings, self.now) {
            self.add_task(stored.grant, work, urgency);
            return;
        }
        if !is_packed {
            self.quiet.consider(&stored, self.now);
        }
        self.add_idle(stored.grant);
    }

    fn add_task(&mut self, grant: Grant, work: Work, urgency: Timestamp) {
        let id = grant.id.clone();
        self.fleet.keep(grant);
        if let Some(least_urgent) = self.tasks.add(id, work, urgency) {
            *self.left_out.entry(least_urgent.app.clone()).or_default() += 1;
            self.fleet.release(&least_urgent, self.now);
        }
    }

    /// The minter was read, and renewed if it was due, before anything was listed.
    fn add_idle(&mut self, grant: Grant) {
        if grant.id == self.settings.minter {
            if self.fleet.get(&grant.id).is_none() {
                self.add_idle_minter(grant);
            }
            return;
        }
        self.idle = self.idle.saturating_add(1);
        self.probes.consider(&grant);
        if self.announced.contains(&grant.id) {
            self.fleet.keep(grant);
        } else {
            self.fleet.count(&grant, self.now);
        }
    }

    /// Adds the configured organisations without a record as far as the parts that were listed to the end show it.
    /// Minting for one whose record cannot be read would bring a token that cannot be stored.
    pub(super) fn add_discoveries(&mut self, listed: &[GrantsPart]) {
        for id in self.configured.difference(&self.recorded) {
            if listed.iter().any(|part| part.covers(id)) {
                self.tasks.add(id.clone(), Work::Discover, Timestamp::MAX);
            }
        }
    }
}

fn configured_orgs(app: &App) -> impl Iterator<Item = GrantId> {
    let orgs = match &app.kind {
        AppType::ServiceApp(service_app) => service_app.orgs.as_slice(),
        AppType::Integration(_) => &[],
    };
    orgs.iter().map(|org| GrantId::new(app.name.clone(), org.clone().into()))
}
