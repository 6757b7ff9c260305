//! The notices of what broke and of what is well again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::compare::Comparison;
use super::{IncidentKey, OpenIncident};
use crate::app_state::{Incident, IncidentCause};
use crate::id::{AppName, GrantId};
use crate::notice::{Notice, NoticeStatus, names};
use crate::settings::BrokerSettings;

type BrokenIncident = (IncidentKey, OpenIncident);

/// One notice for each cause and app. Grants that fail with one code share theirs.
pub(super) fn notices(compared: &Comparison, settings: &BrokerSettings) -> Vec<Notice> {
    let mut broken: BTreeMap<(AppName, &str, &str), Vec<&BrokenIncident>> = BTreeMap::new();
    for entry in &compared.broken {
        let (key, incident) = entry;
        broken.entry((key.app.clone(), key.cause.kind(), &incident.code)).or_default().push(entry);
    }
    let mut recovered: BTreeMap<(AppName, &str), Vec<&(IncidentKey, Incident)>> = BTreeMap::new();
    for entry in &compared.recovered {
        recovered.entry((entry.0.app.clone(), entry.0.cause.kind())).or_default().push(entry);
    }
    let mut notices: Vec<Notice> = broken.values().map(|group| broke(group, settings)).collect();
    notices.extend(recovered.values().map(|group| well_again(group, settings)));
    notices
}

fn broke(group: &[&BrokenIncident], settings: &BrokerSettings) -> Notice {
    let (key, first) = group[0];
    let mut grants: Vec<GrantId> = Vec::new();
    let mut since = first.since;
    for (_, incident) in group {
        grants.extend(incident.grants.iter().cloned());
        since = since.min(incident.since);
    }
    let what = headline(key, &grants);
    let mut text = format!("{what} since {since}");
    if !first.code.is_empty() {
        text = format!("{text} ({})", first.code);
    }
    text = format!("{text}: {}.{}", first.reason, consequence(key.cause));
    let is_named = key.subject.is_some() && grants.len() == 1;
    if !grants.is_empty() && !is_named {
        text = format!("{text} Concerned: {}.", names(&grants));
    }
    let mut notice = Notice::new(key.cause.kind(), NoticeStatus::Broke, app_of(key), &grants);
    notice.count = notice.count.max(first.count);
    notice.since = Some(since);
    if !first.code.is_empty() {
        notice.code = Some(first.code.clone());
    }
    notice.saying(&what, &text, settings)
}

fn well_again(group: &[&(IncidentKey, Incident)], settings: &BrokerSettings) -> Notice {
    let (key, first) = group[0];
    let grants: Vec<GrantId> = group.iter().filter_map(|(key, _)| grant_of(key)).collect();
    let since: Timestamp = group.iter().map(|(_, incident)| incident.since).min().unwrap_or(first.since);
    let what = recovery(key, &grants);
    let mut notice = Notice::new(key.cause.kind(), NoticeStatus::WellAgain, app_of(key), &grants);
    notice.since = Some(since);
    notice.saying(&what, &format!("{what}. It was wrong since {since}. Nothing is left to do."), settings)
}

fn app_of(key: &IncidentKey) -> Option<AppName> {
    if key.cause.is_of_deployment() { None } else { Some(key.app.clone()) }
}

fn grant_of(key: &IncidentKey) -> Option<GrantId> {
    GrantId::parse(&format!("{}/{}", key.app, key.subject.as_deref()?)).ok()
}

/// What broke, in one line.
fn headline(key: &IncidentKey, grants: &[GrantId]) -> String {
    let app = &key.app;
    match key.cause {
        IncidentCause::Webex => "Webex fails or cannot be reached".to_owned(),
        IncidentCause::Minter => "The minter does not work".to_owned(),
        IncidentCause::MinterEnding => "The minter ends soon".to_owned(),
        IncidentCause::Store => "Secrets Manager fails or refuses the broker".to_owned(),
        IncidentCause::Unreadable => "Secrets cannot be read".to_owned(),
        IncidentCause::Credentials => format!("Webex refuses the client credentials of {app}"),
        IncidentCause::Misconfigured => format!("The secrets of {app} have mistakes"),
        IncidentCause::Registrations => format!("The webhook registrations of {app} fail"),
        IncidentCause::Grant | IncidentCause::MoreGrants => match grants {
            [grant] => format!("{grant} cannot be renewed"),
            _ => format!("{} grants of {app} cannot be renewed", grants.len()),
        },
    }
}

/// What it leads to, as a sentence.
fn consequence(cause: IncidentCause) -> &'static str {
    match cause {
        IncidentCause::Webex => " Stored tokens are vended until they end.",
        IncidentCause::Minter | IncidentCause::MinterEnding => " Without the minter, new orgs get no token.",
        IncidentCause::Registrations => " Without them, nothing tells the broker when orgs come and go.",
        _ => "",
    }
}

/// What is well again, in one line.
fn recovery(key: &IncidentKey, grants: &[GrantId]) -> String {
    let app = &key.app;
    match key.cause {
        IncidentCause::Webex => "Webex answers again, and all pairs are renewed".to_owned(),
        IncidentCause::Minter => "The minter works again".to_owned(),
        IncidentCause::MinterEnding => "The minter was renewed or replaced".to_owned(),
        IncidentCause::Store => "Secrets Manager works again".to_owned(),
        IncidentCause::Unreadable => "All secrets can be read again".to_owned(),
        IncidentCause::Credentials => format!("Webex takes the client credentials of {app} again"),
        IncidentCause::Misconfigured => format!("The secrets of {app} are correct again"),
        IncidentCause::Registrations => format!("The webhook registrations of {app} are in order again"),
        IncidentCause::Grant | IncidentCause::MoreGrants => match grants {
            [] => format!("The other grants of {app} are renewed again"),
            [grant] => format!("{grant} is renewed again"),
            _ => format!("{} grants of {app} are renewed again: {}", grants.len(), names(grants)),
        },
    }
}
