//! Finding what is wrong as the records stand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Findings, IncidentKey, NewAppState, OpenIncident, OpenIncidents};
use crate::app_state::{CredentialState, Incident, IncidentCause, WebhookState};
use crate::attention::{GrantCondition, MINTER_ENDING};
use crate::commands::status::reason::words_for;
use crate::commands::sweep::report::RegistrationCheck;
use crate::context::{Context, Ports};
use crate::grant::{Failure, Grant, State};
use crate::id::AppName;
use crate::port::Unreadable;

/// Secrets that a notice names. It counts all of them.
const MOST_SECRETS: usize = 5;

/// How long a new grant may wait for Webex before its failure counts.
const PENDING: SignedDuration = SignedDuration::from_hours(24);

/// Collects open incidents.
struct Collector<'a> {
    home: &'a AppName,
    now: Timestamp,
    open: OpenIncidents,
    /// Apps that have failing grants and no secret.
    missing_apps: BTreeSet<AppName>,
}

/// The incidents that are open now. What this sweep had no time to look at stays as it is `known`.
pub(super) fn open_incidents<P: Ports>(
    cx: &Context<'_, P>,
    found: &Findings<'_>,
    states: &[NewAppState],
    known: &BTreeMap<IncidentKey, Incident>,
    home: &AppName,
) -> OpenIncidents {
    let mut collector = Collector { home, now: cx.now(), open: OpenIncidents::new(), missing_apps: BTreeSet::new() };
    for grant in found.fleet.kept() {
        if states.iter().any(|state| state.app == grant.id.app) {
            collector.add_grant(grant, cx.settings.minter == grant.id);
        } else if matches!(&grant.failure, Some(failure) if failure.code == "unknown_app") {
            collector.missing_apps.insert(grant.id.app.clone());
        }
    }
    for state in states {
        collector.add_app(state, found, known);
    }
    collector.add_deployment(found, known);
    collector.add_ending_minter(cx, found);
    collector.open
}

impl Collector<'_> {
    fn key(&self, cause: IncidentCause, app: &AppName) -> IncidentKey {
        let app = if cause.is_of_deployment() { self.home } else { app };
        IncidentKey { app: app.clone(), cause, subject: None }
    }

    /// Adds to the incident `key`, which is as old as the oldest of its failures.
    fn add(&mut self, key: IncidentKey, since: Timestamp, code: &str, reason: &str) -> &mut OpenIncident {
        let incident = self.open.entry(key).or_insert_with(|| OpenIncident {
            since,
            code: code.to_owned(),
            grants: Vec::new(),
            count: 0,
            reason: reason.to_owned(),
        });
        incident.since = incident.since.min(since);
        incident
    }

    fn add_grant(&mut self, grant: &Grant, is_minter: bool) {
        let Some(failure) = &grant.failure else { return };
        if failure.code == Failure::REAUTHORIZED {
            return;
        }
        let mut cause = IncidentCause::of_code(&failure.code);
        if is_minter && cause == IncidentCause::Grant {
            cause = IncidentCause::Minter;
        }
        let counts = match grant.state {
            State::Active => true,
            State::Pending => cause != IncidentCause::Grant || self.now.duration_since(failure.since) > PENDING,
            State::Fenced | State::Revoked => false,
        };
        if !counts {
            return;
        }
        let mut key = self.key(cause, &grant.id.app);
        if cause == IncidentCause::Grant {
            key.subject = Some(grant.id.subject.to_string());
        }
        self.add(key, failure.since, &failure.code, words_for(&failure.code)).grants.push(grant.id.clone());
    }

    fn add_app(&mut self, new: &NewAppState, found: &Findings<'_>, known: &BTreeMap<IncidentKey, Incident>) {
        let NewAppState { app, state, .. } = new;
        let now = self.now;
        if state.credentials.state == CredentialState::Wrong {
            self.add(self.key(IncidentCause::Credentials, app), now, "invalid_client", words_for("invalid_client"));
        }
        if let Some(described) = found.apps.items.iter().find(|described| described.name == *app)
            && !described.problems.is_empty()
        {
            let key = self.key(IncidentCause::Misconfigured, app);
            self.add(key, now, "app_misconfigured", &described.problems.join("; "));
        }
        let key = self.key(IncidentCause::Registrations, app);
        let code = found.outcome.registration_codes.get(app);
        let was_checked = found.outcome.webhooks.contains_key(app);
        if let Some(code) = code {
            let cause = IncidentCause::of_code(code);
            if cause.is_of_deployment() {
                self.add(self.key(cause, app), now, code, words_for(code));
            } else {
                let reason = state.webhooks.reason.as_deref().unwrap_or(words_for(code));
                self.add(key, now, code, reason);
            }
        } else if !was_checked && state.webhooks.state == WebhookState::Failing && known.contains_key(&key) {
            self.add(key, now, "", "the webhook registrations could not be checked again");
        }
    }

    /// What concerns all apps: whether Webex answered about the registrations, and what cannot be read.
    fn add_deployment(&mut self, found: &Findings<'_>, known: &BTreeMap<IncidentKey, Incident>) {
        let home = self.home.clone();
        match &found.outcome.registrations {
            RegistrationCheck::Done => {}
            RegistrationCheck::Deferred => {
                // Nothing shows that Webex answers again.
                let key = self.key(IncidentCause::Webex, &home);
                if known.contains_key(&key) {
                    self.add(key, self.now, "", "");
                }
            }
            RegistrationCheck::Failed(code) => {
                let mut cause = IncidentCause::of_code(code);
                if !cause.is_of_deployment() {
                    cause = IncidentCause::Registrations;
                }
                self.add(self.key(cause, &home), self.now, code, words_for(code));
            }
        }
        let mut unreadable = names_of(found.apps.unreadable.iter().chain(found.unreadable));
        unreadable.extend(self.missing_apps.iter().map(|app| format!("apps/{app}")));
        unreadable.sort();
        unreadable.dedup();
        if unreadable.is_empty() {
            return;
        }
        let first = unreadable[..unreadable.len().min(MOST_SECRETS)].join(", ");
        let reason = format!("secrets are missing or cannot be read, and were left alone: {first}");
        let key = self.key(IncidentCause::Unreadable, &home);
        let count = u32::try_from(unreadable.len()).unwrap_or(u32::MAX);
        self.add(key, self.now, "unreadable", &reason).count = count;
    }

    /// A minter that has ended meanwhile is not well again, so it stays in this incident.
    fn add_ending_minter<P: Ports>(&mut self, cx: &Context<'_, P>, found: &Findings<'_>) {
        let minter = &cx.settings.minter;
        let Some(grant) = found.fleet.get(minter) else { return };
        let Some(ends) = GrantCondition::of_record(grant).ends_at() else { return };
        if ends.duration_since(self.now) >= MINTER_ENDING {
            return;
        }
        let reason = format!("the minter ends at {} and nothing renews it: replace it before", seconds(ends));
        let key = self.key(IncidentCause::MinterEnding, &minter.app);
        self.add(key, self.now, "minter_ending", &reason).grants.push(minter.clone());
    }
}

fn names_of<'a>(documents: impl Iterator<Item = &'a Unreadable>) -> Vec<String> {
    documents.map(|document| document.name.clone()).collect()
}

/// The moment without its fraction of a second.
pub(super) fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
