//! Words what needs a person, as the core's rule decides it, with the command that remedies it.

use broker_core::attention::{AppNeed, MinterNeed, minter_need};
use jiff::Timestamp;
use serde::Serialize;

use crate::deployment::Deployment;
use crate::fleet::{AppStatus, Fleet, GrantStatus};
use crate::format;

/// Grants of an app that fail alike from which on they are one line.
const FEW: usize = 3;

/// One thing that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Attention {
    /// The app.
    pub(crate) app: String,
    /// The grant, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The condition.
    pub(crate) what: String,
    /// The remedy, as a command where there is one.
    pub(crate) todo: String,
}

impl Attention {
    /// `app` or `app/subject`.
    pub(crate) fn about(&self) -> String {
        match &self.subject {
            Some(subject) => format!("{}/{subject}", self.app),
            None => self.app.clone(),
        }
    }
}

/// The conditions that need a person. With `is_complete` the fleet holds every grant, so that a missing minter is one.
pub(crate) fn find(fleet: &Fleet, deployment: &Deployment, is_complete: bool, now: Timestamp) -> Vec<Attention> {
    let mut found = Vec::new();
    found.extend(about_minter(fleet, deployment, is_complete, now));
    for app in &fleet.apps {
        found.extend(about_app(app));
    }
    found.extend(about_grants(fleet, deployment, now));
    found
}

fn about_minter(fleet: &Fleet, deployment: &Deployment, is_complete: bool, now: Timestamp) -> Option<Attention> {
    let minter = fleet.grants.iter().find(|grant| deployment.is_minter(&grant.app, &grant.subject));
    let need = minter_need(minter.map(GrantStatus::judged).as_ref(), now)?;
    let what = match (need, minter) {
        (MinterNeed::Missing, _) if !is_complete => return None,
        (MinterNeed::Failing | MinterNeed::Inactive, Some(minter)) => {
            format!("the minter cannot mint: {}", describe(minter, minter.since, now))
        }
        (MinterNeed::Ended(at) | MinterNeed::Ending(at), _) => {
            let verb = if need == MinterNeed::Ended(at) { "ended" } else { "ends" };
            format!("the minter {verb} {}", format::time_and_distance(at, now))
        }
        _ => "there is no minter: nothing can be minted for orgs".to_owned(),
    };
    let (app, subject) = deployment.minter.split_once('/')?;
    Some(Attention {
        app: app.to_owned(),
        subject: Some(subject.to_owned()),
        what,
        todo: "wtb minter connect, as the developer who owns the Service Apps".to_owned(),
    })
}

/// The conditions of an app itself that need a person.
pub(crate) fn about_app(app: &AppStatus) -> Vec<Attention> {
    let mut found = Vec::new();
    let mut add = |what: String, todo: String| {
        found.push(Attention { app: app.app.clone(), subject: None, what, todo });
    };
    for need in app.judged().needs() {
        match need {
            AppNeed::Mistake(problem) => {
                let todo = format!("correct the secret apps/{0} or webhooks/{0}, then wtb sweep", app.app);
                add(problem.to_owned(), todo);
            }
            AppNeed::WrongCredentials(reason) => {
                let what = with_reason("Webex refuses the client secret", reason);
                add(what, format!("wtb app rotate-secret {}", app.app));
            }
            AppNeed::WebhooksFailing(reason) => {
                let what = with_reason("the webhooks are not registered", reason);
                add(what, format!("remove the cause, then wtb sweep and wtb app check {}", app.app));
            }
            AppNeed::DataSources(counts) => {
                add(
                    counts.to_string(),
                    "wtb sweep names each with its reason; then RUNBOOK, \"A data source is about to end\"".to_owned(),
                );
            }
        }
    }
    found
}

/// The grants that need a person, without the minter, which stands on top.
fn about_grants(fleet: &Fleet, deployment: &Deployment, now: Timestamp) -> Vec<Attention> {
    let mut found = Vec::new();
    let mut groups: Vec<Vec<&GrantStatus>> = Vec::new();
    for grant in &fleet.grants {
        let is_minter = deployment.is_minter(&grant.app, &grant.subject);
        if is_minter || !grant.judged().needs_person() {
            continue;
        }
        match groups.iter_mut().find(|group| is_alike(group[0], grant)) {
            Some(group) => group.push(grant),
            None => groups.push(vec![grant]),
        }
    }
    for group in groups {
        if group.len() > FEW {
            found.push(about_group(&group, now));
        } else {
            found.extend(group.iter().map(|grant| about_grant(grant, now)));
        }
    }
    found
}

fn is_alike(one: &GrantStatus, other: &GrantStatus) -> bool {
    one.app == other.app && one.code == other.code && one.condition() == other.condition()
}

fn about_grant(grant: &GrantStatus, now: Timestamp) -> Attention {
    Attention {
        app: grant.app.clone(),
        subject: Some(grant.subject.clone()),
        what: describe(grant, grant.since, now),
        todo: todo(grant, &format!("wtb grant show {} {}", grant.app, grant.subject)),
    }
}

fn about_group(group: &[&GrantStatus], now: Timestamp) -> Attention {
    let first = group[0];
    let since = group.iter().filter_map(|grant| grant.since).min();
    let number = format::count(group.len() as u64, "grant");
    Attention {
        app: first.app.clone(),
        subject: None,
        what: format!("{number}, for example {}: {}", first.subject, describe(first, since, now)),
        todo: todo(first, &format!("wtb status {} --failing", first.app)),
    }
}

fn describe(grant: &GrantStatus, since: Option<Timestamp>, now: Timestamp) -> String {
    let state = match grant.condition() {
        "unreadable" => return grant.reason.clone().unwrap_or_else(|| "the record cannot be read".to_owned()),
        "failing" => "renewals fail",
        waiting => waiting,
    };
    let mut what = match since {
        Some(since) => format!("{state} since {} ({})", format::time(since), format::ago(Some(since), now)),
        None => state.to_owned(),
    };
    let reason = grant.reason.as_deref().or(grant.code.as_deref());
    what = with_reason(&what, reason);
    if grant.state == "active"
        && let Some(end) = grant.access_token_expires_at
        && end <= now
    {
        what.push_str("; the access token has ended");
    }
    what
}

fn todo(grant: &GrantStatus, look: &str) -> String {
    match grant.code.as_deref() {
        _ if grant.state == "unreadable" => "infra/RUNBOOK.md, \"A record is unreadable\"".to_owned(),
        Some("minter_refused") => "wtb minter show; infra/RUNBOOK.md, \"Webex refuses the minter\"".to_owned(),
        Some("not_confirmed" | "retirements_held") => {
            "ask whether the orgs have withdrawn; infra/RUNBOOK.md, \"A grant ended without an event\"".to_owned()
        }
        _ => look.to_owned(),
    }
}

fn with_reason(what: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{what}: {reason}"),
        None => what.to_owned(),
    }
}
