//! Comparing the incidents that are open with those that were announced.

use std::collections::BTreeMap;

use super::find::seconds;
use super::{Findings, IncidentKey, OpenIncident, OpenIncidents};
use crate::app_state::{Incident, IncidentCause};
use crate::grant::State;
use crate::id::{AppName, GrantId};

/// Grants of an app with incidents of their own: the state of an app has room for about as many. The others are one
/// incident together.
const MOST_GRANTS: usize = 10;

/// The difference.
pub(super) struct Comparison {
    /// What broke since the last sweep.
    pub(super) broken: Vec<(IncidentKey, OpenIncident)>,
    /// What is well again, as it was announced.
    pub(super) recovered: Vec<(IncidentKey, Incident)>,
    /// What is to be saved.
    open: BTreeMap<IncidentKey, Incident>,
}

impl Comparison {
    pub(super) fn broken_keys(&self) -> Vec<&IncidentKey> {
        self.broken.iter().map(|(key, _)| key).collect()
    }

    pub(super) fn recovered_keys(&self) -> Vec<&IncidentKey> {
        self.recovered.iter().map(|(key, _)| key).collect()
    }

    /// The incidents for the state of `app`.
    pub(super) fn saved(&self, app: &AppName) -> Vec<Incident> {
        let of_app = self.open.iter().filter(|(key, _)| key.app == *app);
        of_app.map(|(_, incident)| incident.clone()).collect()
    }
}

/// Compares, and keeps the age of what was known. If not everything could be listed, nothing is taken for well again.
pub(super) fn compare(open: OpenIncidents, known: BTreeMap<IncidentKey, Incident>, found: &Findings<'_>) -> Comparison {
    let open = limit_grants(open, &known);
    let mut compared = Comparison { broken: Vec::new(), recovered: Vec::new(), open: BTreeMap::new() };
    for (key, incident) in &open {
        let count = count_of(key, incident);
        let before = known.get(key);
        let since = match before {
            Some(before) => before.since.min(seconds(incident.since)),
            None => seconds(incident.since),
        };
        let saved = Incident { cause: key.cause, subject: key.subject.clone(), since, count };
        let is_news = match before {
            Some(before) => count > before.count,
            None => true,
        };
        if is_news {
            compared.broken.push((key.clone(), OpenIncident { since, ..incident.clone() }));
        }
        compared.open.insert(key.clone(), saved);
    }
    for (key, incident) in known {
        if open.contains_key(&key) {
            continue;
        }
        match end_of(&key, found) {
            End::Unknown => drop(compared.open.insert(key, incident)),
            End::Recovered => compared.recovered.push((key, incident)),
            End::ToldOtherwise => {}
        }
    }
    compared
}

/// How an incident that is not open any more has ended.
enum End {
    /// It is well again.
    Recovered,
    /// The grant was fenced or has ended, which has notices of its own.
    ToldOtherwise,
    /// This sweep has not seen it.
    Unknown,
}

fn end_of(key: &IncidentKey, found: &Findings<'_>) -> End {
    if found.outcome.listing_cut_short {
        return End::Unknown;
    }
    let Some(subject) = &key.subject else { return End::Recovered };
    let name = format!("grants/{}/{subject}", key.app);
    if found.unreadable.iter().any(|document| document.name == name) {
        return End::Unknown;
    }
    let id = GrantId::parse(&format!("{}/{subject}", key.app)).ok();
    match id.and_then(|id| found.fleet.get(&id)) {
        Some(grant) if grant.state == State::Active => End::Recovered,
        _ => End::ToldOtherwise,
    }
}

/// How many an incident counts, where it can grow.
fn count_of(key: &IncidentKey, incident: &OpenIncident) -> Option<u32> {
    match key.cause {
        IncidentCause::MoreGrants => u32::try_from(incident.grants.len()).ok(),
        IncidentCause::Unreadable => Some(incident.count),
        _ => None,
    }
}

/// Leaves at most [`MOST_GRANTS`] grants of each app with incidents of their own, the known ones first. As long as the
/// others have an incident together, further grants join it.
fn limit_grants(open: OpenIncidents, known: &BTreeMap<IncidentKey, Incident>) -> OpenIncidents {
    let mut limited = OpenIncidents::new();
    let mut named: BTreeMap<AppName, usize> = BTreeMap::new();
    let (first, later): (OpenIncidents, OpenIncidents) =
        open.into_iter().partition(|(key, _)| key.cause != IncidentCause::Grant || known.contains_key(key));
    for (key, incident) in first {
        if key.cause == IncidentCause::Grant {
            *named.entry(key.app.clone()).or_default() += 1;
        }
        limited.insert(key, incident);
    }
    for (key, incident) in later {
        let more = IncidentKey { cause: IncidentCause::MoreGrants, subject: None, ..key.clone() };
        let count = named.entry(key.app.clone()).or_default();
        if *count < MOST_GRANTS && !known.contains_key(&more) {
            *count += 1;
            limited.insert(key, incident);
            continue;
        }
        match limited.get_mut(&more) {
            Some(together) => {
                together.since = together.since.min(incident.since);
                together.grants.extend(incident.grants);
            }
            None => drop(limited.insert(more, incident)),
        }
    }
    limited
}
