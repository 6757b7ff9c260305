//! Finds the grants of a page of the fleet. The refresher filters by app and state; the search by name is done here, and
//! so is the selection of those that wait in vain.

use broker_core::attention::GrantCondition;
use broker_core::id::{AppName, GrantId, Subject};
use broker_core::request::{AppStatus, GrantStatus, ShownState, StatusReport, StatusRequest};
use jiff::SignedDuration;
use lambda_kit::refresher::RefresherClient;
use tokio::time::Instant;

use crate::console::ask;
use crate::error::Error;

/// Matches after which a search stops; a page of the refresher has as many grants at most.
const ENOUGH: usize = 100;
/// Seconds within which a token ends soon.
const SOON: u32 = 3 * 24 * 3_600;
/// How long one page searches. After that it offers to go on.
const SEARCH_TIME: SignedDuration = SignedDuration::from_secs(8);

/// The query of the page.
#[derive(Debug, Clone, Default)]
pub(super) struct FleetQuery {
    pub(super) app: Option<AppName>,
    pub(super) state: Option<ShownState>,
    pub(super) failing: bool,
    /// Whether to show only grants whose access token ends soon.
    pub(super) ending: bool,
    /// Whether to show only grants that wait for Webex and need a person.
    pub(super) waiting: bool,
    /// The beginning of a subject, in lower case; empty for all.
    pub(super) text: String,
    pub(super) next: Option<String>,
}

/// The grants of one page.
pub(super) struct Listing {
    pub(super) apps: Vec<AppStatus>,
    pub(super) grants: Vec<GrantStatus>,
    pub(super) next: Option<String>,
    /// How many grants a search has looked at.
    pub(super) searched: Option<usize>,
}

impl FleetQuery {
    pub(super) fn has_filter(&self) -> bool {
        self.app.is_some() || self.state.is_some() || self.failing || self.ending || self.is_search()
    }

    /// Whether it asks for the first page of everything.
    pub(super) fn is_overview(&self) -> bool {
        !self.has_filter() && self.next.is_none()
    }

    /// Whether grants are selected here. The refresher selects the others.
    fn is_search(&self) -> bool {
        self.waiting || !self.text.is_empty()
    }

    fn matches(&self, grant: &GrantStatus) -> bool {
        let is_waiting = !grant.failing && GrantCondition::of_status(grant).needs_person();
        grant.subject.starts_with(&self.text) && (is_waiting || !self.waiting)
    }

    fn request(&self, next: Option<String>) -> StatusRequest {
        StatusRequest {
            app: self.app.clone(),
            state: self.state,
            failing: if self.failing { Some(true) } else { None },
            expiring_within: if self.ending { Some(SOON) } else { None },
            next,
            ..StatusRequest::default()
        }
    }
}

/// Lists the grants from where `query.next` says.
pub(super) async fn list(
    refresher: &RefresherClient,
    query: &FleetQuery,
    time_left: SignedDuration,
) -> Result<Listing, Error> {
    let started = Instant::now();
    let report = ask::status(refresher, query.request(query.next.clone()), time_left).await?;
    if !query.is_search() {
        return Ok(Listing { apps: report.apps, grants: report.grants, next: report.next, searched: None });
    }
    // The names of all organisations are of one form, so that a complete one can be asked for directly.
    match Subject::parse(&query.text) {
        Ok(subject) if subject.org().is_some() => find(refresher, report, &subject, started, time_left).await,
        _ => search(refresher, query, report, started, time_left).await,
    }
}

/// Asks each app for one organisation.
async fn find(
    refresher: &RefresherClient,
    report: StatusReport,
    subject: &Subject,
    started: Instant,
    time_left: SignedDuration,
) -> Result<Listing, Error> {
    let mut grants = Vec::new();
    for app in &report.apps {
        let Ok(name) = AppName::parse(&app.app) else { continue };
        let id = GrantId::new(name, subject.clone());
        grants.extend(ask::find_grant(refresher, &id, time_left - elapsed(started)).await?);
    }
    Ok(Listing { apps: report.apps, grants, next: None, searched: None })
}

/// Reads page after page until enough grants match, all are read, or the time is over.
async fn search(
    refresher: &RefresherClient,
    query: &FleetQuery,
    first: StatusReport,
    started: Instant,
    time_left: SignedDuration,
) -> Result<Listing, Error> {
    let mut listing =
        Listing { apps: first.apps, grants: Vec::new(), next: first.next, searched: Some(first.grants.len()) };
    listing.grants.extend(first.grants.into_iter().filter(|grant| query.matches(grant)));
    while let Some(next) = listing.next.clone() {
        let spent = elapsed(started);
        if listing.grants.len() >= ENOUGH || spent >= SEARCH_TIME || spent >= time_left / 2 {
            break;
        }
        let report = ask::status(refresher, query.request(Some(next)), time_left - spent).await?;
        listing.searched = listing.searched.map(|searched| searched + report.grants.len());
        listing.grants.extend(report.grants.into_iter().filter(|grant| query.matches(grant)));
        listing.next = report.next;
    }
    Ok(listing)
}

fn elapsed(since: Instant) -> SignedDuration {
    SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::MAX)
}
