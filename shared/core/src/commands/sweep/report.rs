//! The result of a sweep, for the operator and for the alarms.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::counts::{AppCounts, end_of_personal_token, remaining_of_minter};
use crate::app::App;
use crate::app_state::{AppCredentials, AppWebhooks};
use crate::commands::data_sources::DataSourceCounts;
use crate::error::BrokerError;
use crate::grant::Grant;
use crate::id::{AppName, GrantId};
use crate::invocation::Change;
use crate::port::{StoreError, Unreadable};

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
    /// Grants that ended.
    pub retired: u32,
    /// Active grants whose renewals fail at present.
    pub failing: u32,
    /// Grants that wait for Webex to confirm an authorisation.
    pub pending: u32,
    /// Grants with nothing to do.
    pub skipped: u32,
    /// Grants left to the next sweep.
    pub deferred: u32,
    /// Documents that could not be read and were left alone.
    pub unreadable: u32,
    /// Webhook registrations created, moved, made active again or removed.
    pub webhooks_repaired: u32,
    /// The data sources of all apps; absent where no app has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_sources: Option<DataSourceCounts>,
    /// The sweep's duration, in milliseconds.
    pub elapsed_ms: u64,
    /// When the minter ends for good, if nothing renews it: it is a personal access token, to be replaced by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minter_ends_at: Option<Timestamp>,
    /// The failures.
    pub failures: Vec<FailureLine>,
}

/// One failure in a sweep's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureLine {
    /// The app.
    pub app: String,
    /// The subject; empty where the failure concerns the whole app.
    pub subject: String,
    /// The error's code.
    pub code: String,
    /// Webex's tracking id, where there is one.
    pub tracking_id: Option<String>,
    /// The error in words: what failed, what Webex or Secrets Manager said, what to do.
    pub reason: String,
}

impl FailureLine {
    /// The line for `error` about a grant, or about a whole app if `subject` is empty.
    pub fn of(app: &str, subject: &str, error: &BrokerError) -> Self {
        Self {
            app: app.to_owned(),
            subject: subject.to_owned(),
            code: error.code(),
            tracking_id: error.tracking_id(),
            reason: error.words(),
        }
    }
}

/// How the check of the webhook registrations ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RegistrationCheck {
    /// Every app was looked at, or none needs it.
    #[default]
    Done,
    /// There was no time for it.
    Deferred,
    /// No app could be looked at: the code of the error.
    Failed(String),
}

/// The result of a sweep, in whole and by app.
#[derive(Debug, Default)]
pub struct SweepOutcome {
    /// The answer.
    pub report: SweepReport,
    /// The counts by app name.
    pub apps: BTreeMap<String, AppCounts>,
    /// Life left in the minter's refresh token, or in its access token if it has none. Zero if no minter can be read,
    /// which is to raise the alarm.
    pub minter: SignedDuration,
    /// The registrations of the apps that were looked at.
    pub webhooks: BTreeMap<AppName, AppWebhooks>,
    /// How their check ended.
    pub registrations: RegistrationCheck,
    /// The codes of the apps whose registrations could not be repaired.
    pub registration_codes: BTreeMap<AppName, String>,
    /// The apps' credentials, as far as this sweep has seen Webex's answer to them.
    pub credentials: BTreeMap<AppName, AppCredentials>,
    /// Not everything could be listed.
    pub listing_cut_short: bool,
    /// The initials of the subjects that there was no time to list, by app.
    pub unlisted: BTreeMap<AppName, String>,
}

impl SweepOutcome {
    pub(super) fn app(&mut self, name: &AppName) -> &mut AppCounts {
        self.apps.entry(name.as_str().to_owned()).or_default()
    }

    /// Adds a line to the listed failures.
    pub fn add_failure(&mut self, line: FailureLine) {
        if self.report.failures.len() < MOST_FAILURES {
            self.report.failures.push(line);
        }
    }

    /// Names mistakes in a secret of an app that leave it usable.
    pub(super) fn add_problems(&mut self, app: &App, secret: &str, problems: &[String]) {
        for problem in problems {
            tracing::warn!(app = %app.name, outcome = "misconfigured", "the secret {secret}: {problem}");
            self.add_failure(FailureLine {
                app: app.name.as_str().to_owned(),
                subject: String::new(),
                code: "app_misconfigured".to_owned(),
                tracking_id: None,
                reason: format!("the secret {secret}: {problem}"),
            });
        }
    }

    pub(super) fn defer(&mut self, app: &AppName) {
        self.app(app).deferred += 1;
    }

    /// Counts the grants in packs.
    pub(super) fn set_packed(&mut self, packed: Vec<(AppName, u32)>) {
        for (app, count) in packed {
            self.app(&app).packed = count;
        }
    }

    /// Counts the failures that have a metric of their own.
    pub(super) fn count_code(&mut self, app: &AppName, error: &BrokerError) {
        let counts = self.app(app);
        match error {
            BrokerError::Store(StoreError::Refused { .. }) => counts.store_refused += 1,
            BrokerError::MinterRefused { .. } => counts.minter_refused += 1,
            BrokerError::RetirementsHeld { .. } => counts.retirements_held += 1,
            _ => {}
        }
    }

    /// Counts documents that could not be read, by the app in their names.
    pub(super) fn count_unreadable(&mut self, unreadable: &[Unreadable]) {
        for document in unreadable {
            let mut parts = document.name.splitn(3, '/').skip(1);
            let app = parts.next().unwrap_or_default();
            let subject = parts.next().unwrap_or_default();
            self.apps.entry(app.to_owned()).or_default().unreadable += 1;
            self.add_failure(FailureLine {
                app: app.to_owned(),
                subject: subject.to_owned(),
                code: "unreadable".to_owned(),
                tracking_id: None,
                reason: format!("the secret {} cannot be read and was left alone: {}", document.name, document.reason),
            });
            tracing::warn!(
                app,
                subject,
                outcome = "unreadable",
                "{} cannot be read and was left alone: {}",
                document.name,
                document.reason
            );
        }
    }

    /// Counts the records as they are after the sweep: what fails, what is pending, and what ends first.
    pub(super) fn count_current<'a>(
        &mut self,
        grants: impl Iterator<Item = &'a Grant>,
        minter: &GrantId,
        now: Timestamp,
    ) {
        for grant in grants {
            if grant.id == *minter {
                self.minter = remaining_of_minter(grant, now);
                self.report.minter_ends_at = end_of_personal_token(grant);
            }
            self.app(&grant.id.app).count_grant(grant, now);
        }
    }

    /// Counts what the invocation changed.
    pub(super) fn count_changes(&mut self, changes: &[(AppName, Change)]) {
        for (app, change) in changes {
            let counts = self.app(app);
            match change {
                Change::Renewed => counts.renewed += 1,
                Change::Minted => counts.minted += 1,
                Change::Retired => counts.retired += 1,
                Change::RetiredUnannounced => {
                    counts.retired += 1;
                    counts.retired_unannounced += 1;
                }
                Change::FenceFallback => counts.fence_fallbacks += 1,
                Change::RefreshTokenNotRising => counts.refresh_token_not_rising += 1,
            }
        }
    }

    /// Adds up the apps' counts into the answer.
    pub(super) fn add_up(&mut self) {
        let report = &mut self.report;
        for counts in self.apps.values() {
            report.renewed += counts.renewed;
            report.minted += counts.minted;
            report.retired += counts.retired;
            report.failing += counts.failing;
            report.pending += counts.pending;
            report.deferred += counts.deferred;
            report.unreadable += counts.unreadable;
            report.webhooks_repaired += counts.webhooks_repaired;
            if let Some(data_sources) = &counts.data_sources {
                report.data_sources.get_or_insert_default().add(data_sources);
            }
        }
    }
}
