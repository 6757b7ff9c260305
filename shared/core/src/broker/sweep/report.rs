//! What a sweep did, for the operator and for the alarms.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::broker::Change;
use crate::grant::{Grant, State};
use crate::id::{AppName, GrantId};
use crate::port::Unreadable;

/// At most this many failures are listed; all are counted.
const MOST_FAILURES: usize = 100;

/// The sweep's answer.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// Records that were there, readable or not.
    pub scanned: u32,
    /// Pairs refreshed.
    pub renewed: u32,
    /// Pairs minted.
    pub minted: u32,
    /// Grants ended because Webex said so.
    pub retired: u32,
    /// Active grants whose renewals do not work at present.
    pub failing: u32,
    /// Grants that wait for Webex to confirm an authorisation.
    pub pending: u32,
    /// Grants with nothing to do.
    pub skipped: u32,
    /// Grants left for the next run.
    pub deferred: u32,
    /// Documents that could not be read and were left alone.
    pub unreadable: u32,
    /// Webhook registrations created, moved, revived or removed.
    pub webhooks_repaired: u32,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// When the minter ends for good, if nothing renews it: it is a personal access token, to be replaced by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minter_ends_at: Option<Timestamp>,
    /// What failed.
    pub failures: Vec<FailureLine>,
}

/// One failure in a sweep's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureLine {
    /// The app.
    pub app: String,
    /// The subject; empty where the failure is the whole app's.
    pub subject: String,
    /// The error's code.
    pub code: String,
    /// Webex's tracking id, where there is one.
    pub tracking_id: Option<String>,
}

/// The figures of one app, for its metrics.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct AppCounts {
    /// Pairs refreshed.
    pub renewed: u32,
    /// Pairs minted.
    pub minted: u32,
    /// Grants ended.
    pub retired: u32,
    /// Active grants whose renewals fail.
    pub failing: u32,
    /// Grants waiting for Webex.
    pub pending: u32,
    /// Grants left for the next run.
    pub deferred: u32,
    /// Documents that could not be read.
    pub unreadable: u32,
    /// Webhook registrations created, moved, revived or removed.
    pub webhooks_repaired: u32,
    /// Life left in the access token that ends first.
    pub oldest_access_token: Option<SignedDuration>,
    /// Life left in the refresh token that ends first.
    pub oldest_refresh_token: Option<SignedDuration>,
}

/// What a sweep did, in whole and by app.
#[derive(Debug, Default)]
pub struct SweepOutcome {
    /// The answer.
    pub report: SweepReport,
    /// By app, as it is named.
    pub apps: BTreeMap<String, AppCounts>,
    /// Life left in what the minter lives on: its refresh token, or its access token if it has none. Nothing, where
    /// there is no minter to be read: that alarms as it should.
    pub minter: SignedDuration,
}

impl SweepOutcome {
    pub(in crate::broker) fn app(&mut self, name: &AppName) -> &mut AppCounts {
        self.apps.entry(name.as_str().to_owned()).or_default()
    }

    pub(in crate::broker) fn fail(&mut self, app: &str, subject: &str, code: String, tracking_id: Option<String>) {
        if self.report.failures.len() < MOST_FAILURES {
            let line = FailureLine { app: app.to_owned(), subject: subject.to_owned(), code, tracking_id };
            self.report.failures.push(line);
        }
    }

    /// Counts documents that could not be read, by the app that their names tell.
    pub(super) fn count_unreadable(&mut self, unreadable: &[Unreadable]) {
        for document in unreadable {
            let mut parts = document.name.splitn(3, '/').skip(1);
            let (app, subject) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            self.apps.entry(app.to_owned()).or_default().unreadable += 1;
            self.fail(app, subject, "unreadable".to_owned(), None);
            tracing::warn!(
                app,
                subject,
                outcome = "unreadable",
                "{} was left alone: {}",
                document.name,
                document.reason
            );
        }
    }

    /// Counts what stands after the sweep: what is failing, what is pending, and what ends first.
    pub(super) fn count_standing<'a>(
        &mut self,
        grants: impl Iterator<Item = &'a Grant>,
        minter: &GrantId,
        now: Timestamp,
    ) {
        for grant in grants {
            let failing = u32::from(grant.state == State::Active && grant.failure.is_some());
            let pending = u32::from(grant.state == State::Pending);
            if grant.id == *minter {
                self.minter = remaining_of_minter(grant, now);
                self.report.minter_ends_at = end_of_stop_gap(grant);
            }
            let figures = self.app(&grant.id.app);
            figures.failing += failing;
            figures.pending += pending;
            figures.count_remaining(grant, now);
        }
    }
}

impl SweepOutcome {
    /// Counts what the run changed.
    pub(super) fn count_changes(&mut self, changes: &[(AppName, Change)]) {
        for (app, change) in changes {
            let figures = self.app(app);
            match change {
                Change::Renewed => figures.renewed += 1,
                Change::Minted => figures.minted += 1,
                Change::Retired => figures.retired += 1,
            }
        }
    }

    /// Adds up the apps' figures into the answer.
    pub(super) fn add_up(&mut self) {
        let report = &mut self.report;
        for figures in self.apps.values() {
            report.renewed += figures.renewed;
            report.minted += figures.minted;
            report.retired += figures.retired;
            report.failing += figures.failing;
            report.pending += figures.pending;
            report.deferred += figures.deferred;
            report.unreadable += figures.unreadable;
            report.webhooks_repaired += figures.webhooks_repaired;
        }
    }
}

impl AppCounts {
    fn count_remaining(&mut self, grant: &Grant, now: Timestamp) {
        let Some(pair) = grant.vendable() else { return };
        let sooner = |known: Option<SignedDuration>, other| Some(known.map_or(other, |known| known.min(other)));
        self.oldest_access_token = sooner(self.oldest_access_token, pair.remaining(now));
        if let Some(ends) = pair.refresh_token_expires_at {
            self.oldest_refresh_token = sooner(self.oldest_refresh_token, left(ends, now));
        }
    }
}

fn remaining_of_minter(grant: &Grant, now: Timestamp) -> SignedDuration {
    let Some(pair) = grant.vendable() else {
        return SignedDuration::ZERO;
    };
    let refresh_token = pair.refresh_token_expires_at.filter(|_| pair.refresh_token.is_some());
    refresh_token.map_or(pair.remaining(now), |ends| left(ends, now))
}

fn end_of_stop_gap(minter: &Grant) -> Option<Timestamp> {
    let pair = minter.vendable().filter(|pair| pair.refresh_token.is_none())?;
    Some(pair.access_token_expires_at)
}

fn left(ends: Timestamp, now: Timestamp) -> SignedDuration {
    ends.duration_since(now).max(SignedDuration::ZERO)
}
