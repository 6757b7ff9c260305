//! The grants of a status.

use jiff::{SignedDuration, Timestamp};

use super::data_sources;
use super::place::{INVALID_NEXT, Place};
use super::reason::reason_of;
use crate::app::App;
use crate::context::{Context, Ports};
use crate::data_sources::WantedDataSource;
use crate::error::BrokerError;
use crate::grant::{Grant, State};
use crate::id::{AppName, GrantId, Subject};
use crate::port::{
    DataSourceStore as _, Found, RecordsPage, RetiredRecord, Store as _, StoreError, Stored, Unreadable,
};
use crate::request::{GrantStatus, ShownState, StatusRequest};
use crate::schedule::RenewAt;

/// Pages of the store that one answer reads at most, so that a filter which nothing passes ends in time.
const MOST_PAGES: usize = 50;

/// Some grants, and where to go on.
pub(super) struct StatusPage {
    pub(super) grants: Vec<GrantStatus>,
    pub(super) next: Option<String>,
}

/// The grant `subject` of `app`, with its history.
pub(super) async fn one<P: Ports>(
    cx: &Context<'_, P>,
    app: &AppName,
    subject: &Subject,
    wanted: &[WantedDataSource],
) -> Result<StatusPage, BrokerError> {
    let id = GrantId::new(app.clone(), subject.clone());
    let grant = match cx.records().load(&id).await {
        Ok(Found::Live(stored)) => {
            let history = Some(stored.grant.history.clone());
            let data_sources = if wanted.is_empty() {
                Vec::new()
            } else {
                data_sources::shown(&cx.store.data_sources_of(&id).await?, wanted, cx.now())
            };
            GrantStatus { data_sources, history, ..GrantStatus::of(&stored.grant, cx.settings.renew_at) }
        }
        Ok(Found::Retired) => GrantStatus::retired(&RetiredRecord { id, retired_at: None, has_ended: true }),
        Ok(Found::Absent) => return Err(BrokerError::NotFound(id)),
        Err(StoreError::Unreadable(unreadable)) => GrantStatus::unreadable(&unreadable),
        Err(error) => return Err(error.into()),
    };
    Ok(StatusPage { grants: vec![grant], next: None })
}

/// The first page with a grant that passes the filters, from where `request.next` says.
pub(super) async fn page<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[AppName],
    described: &[App],
    request: &StatusRequest,
) -> Result<StatusPage, BrokerError> {
    let mut place = match &request.next {
        Some(next) => Place::parse(next, apps)?,
        None => Place { app: 0, page: None },
    };
    for _ in 0..MOST_PAGES {
        let Some(app) = apps.get(place.app) else { break };
        let read = cx.store.records_page(app, place.page.as_deref(), cx.deadline).await?;
        let Some(records) = read else {
            return Err(BrokerError::Invalid(INVALID_NEXT));
        };
        place = match &records.next {
            Some(page) => Place { app: place.app, page: Some(page.clone()) },
            None => Place { app: place.app + 1, page: None },
        };
        let wanted = wanted_by(app, described);
        let grants = shown(cx, &records, wanted, request);
        if !grants.is_empty() {
            return Ok(StatusPage { grants, next: place.to_next(apps) });
        }
    }
    Ok(StatusPage { grants: Vec::new(), next: place.to_next(apps) })
}

/// The grants of a page that pass the filters, by subject.
fn shown<P: Ports>(
    cx: &Context<'_, P>,
    page: &RecordsPage,
    wanted: &[WantedDataSource],
    request: &StatusRequest,
) -> Vec<GrantStatus> {
    let mut grants = Vec::new();
    for Stored { grant, .. } in &page.live {
        let mut status = GrantStatus::of(grant, cx.settings.renew_at);
        if let Some(records) = page.data_sources.get(&grant.id) {
            status.data_sources = data_sources::shown(records, wanted, cx.now());
        }
        grants.push(status);
    }
    grants.extend(page.retired.iter().map(GrantStatus::retired));
    grants.extend(page.unreadable.iter().map(GrantStatus::unreadable));
    grants.retain(|grant| grant.passes(request, cx.now()));
    grants.sort_by(|a, b| a.subject.cmp(&b.subject));
    grants
}

/// The data sources that the secret of `app` names.
pub(super) fn wanted_by<'a>(app: &AppName, described: &'a [App]) -> &'a [WantedDataSource] {
    match described.iter().find(|described| described.name == *app) {
        Some(described) => described.data_sources(),
        None => &[],
    }
}

impl GrantStatus {
    fn of(grant: &Grant, renew_at: RenewAt) -> Self {
        let pair = grant.pair.as_ref();
        let failure = grant.failure.as_ref();
        let since = match (failure, grant.state) {
            (Some(failure), _) => Some(failure.since),
            (None, State::Fenced) => grant.fenced_at,
            (None, _) => None,
        };
        Self {
            failing: grant.state == State::Active && failure.is_some(),
            reason: reason_of(grant),
            code: failure.map(|failure| failure.code.clone()),
            tracking_id: failure.and_then(|failure| failure.tracking_id.clone()),
            since,
            attempts: failure.map(|failure| failure.attempts),
            access_token_expires_at: pair.map(|pair| pair.access_token_expires_at),
            refresh_token_expires_at: pair.and_then(|pair| pair.refresh_token_expires_at),
            renewed_at: grant.renewed_at,
            due_at: if grant.state == State::Active { renew_at.due_at(grant) } else { None },
            authorized_at: grant.authorized_at,
            blocked: grant.blocked,
            name: grant.org_name.known().map(str::to_owned),
            ..Self::empty(grant.id.app.as_str(), grant.id.subject.as_str(), grant.state.into())
        }
    }

    fn retired(record: &RetiredRecord) -> Self {
        let reason = "the grant has ended and its secret is scheduled for deletion; a new authorisation or restore \
                      brings it back";
        Self {
            reason: Some(reason.to_owned()),
            since: record.retired_at,
            ..Self::empty(record.id.app.as_str(), record.id.subject.as_str(), ShownState::Revoked)
        }
    }

    fn unreadable(document: &Unreadable) -> Self {
        let path = document.name.strip_prefix("grants/").unwrap_or(&document.name);
        let (app, subject) = path.split_once('/').unwrap_or((path, ""));
        Self {
            reason: Some(format!("the record cannot be read and was left alone: {}", document.reason)),
            code: Some("unreadable".to_owned()),
            ..Self::empty(app, subject, ShownState::Unreadable)
        }
    }

    fn empty(app: &str, subject: &str, state: ShownState) -> Self {
        Self {
            app: app.to_owned(),
            subject: subject.to_owned(),
            name: None,
            state,
            failing: false,
            reason: None,
            code: None,
            tracking_id: None,
            since: None,
            attempts: None,
            access_token_expires_at: None,
            refresh_token_expires_at: None,
            renewed_at: None,
            due_at: None,
            authorized_at: None,
            blocked: false,
            data_sources: Vec::new(),
            history: None,
        }
    }

    fn passes(&self, request: &StatusRequest, now: Timestamp) -> bool {
        if let Some(state) = request.state
            && state != self.state
        {
            return false;
        }
        if let Some(failing) = request.failing
            && failing != self.failing
        {
            return false;
        }
        let Some(within) = request.expiring_within else { return true };
        match self.access_token_expires_at {
            Some(ends) => ends.duration_since(now) <= SignedDuration::from_secs(within.into()),
            None => false,
        }
    }
}
