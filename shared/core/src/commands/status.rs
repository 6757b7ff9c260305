//! `status`: the apps and the grants, read only. The one source of every operator's view.

mod data_sources;
mod grants;
mod place;
pub(crate) mod reason;

use std::collections::BTreeMap;

use crate::app::App;
use crate::app_state::{AppCredentials, AppWebhooks};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::AppName;
use crate::port::{Scan, Store as _};
use crate::request::{AppKind, AppStatus, StatusReport, StatusRequest};

/// Reads the apps and one page of grants. Nothing is written, and Webex is not asked.
pub(crate) async fn status<P: Ports>(
    cx: &Context<'_, P>,
    request: &StatusRequest,
) -> Result<StatusReport, BrokerError> {
    let scan = cx.store.apps(cx.deadline).await?;
    let names = names_of(cx, &scan, request);
    if let (Some(app), true) = (&request.app, names.is_empty()) {
        return Err(BrokerError::UnknownApp(app.clone()));
    }
    let page = match (&request.app, &request.subject) {
        (None, Some(_)) => return Err(BrokerError::Invalid("subject needs app as well")),
        (Some(app), Some(subject)) => grants::one(cx, app, subject, grants::wanted_by(app, &scan.items)).await?,
        (_, None) => grants::page(cx, &names, &scan.items, request).await?,
    };
    let apps = match &request.next {
        Some(_) => Vec::new(),
        None => apps_of(cx, scan, &names).await,
    };
    Ok(StatusReport { apps, grants: page.grants, next: page.next })
}

/// The apps to show, the minter's first, then by name.
fn names_of<P: Ports>(cx: &Context<'_, P>, scan: &Scan<App>, request: &StatusRequest) -> Vec<AppName> {
    let mut names: Vec<AppName> = scan.items.iter().map(|app| app.name.clone()).collect();
    for unreadable in &scan.unreadable {
        names.extend(app_in(&unreadable.name));
    }
    names.sort_by_key(|name| (*name != cx.settings.minter.app, name.clone()));
    names.dedup();
    if let Some(wanted) = &request.app {
        names.retain(|name| name == wanted);
    }
    names
}

/// The app in the name of its secret, `apps/{app}`.
fn app_in(name: &str) -> Option<AppName> {
    AppName::parse(name.strip_prefix("apps/")?).ok()
}

async fn apps_of<P: Ports>(cx: &Context<'_, P>, scan: Scan<App>, names: &[AppName]) -> Vec<AppStatus> {
    let states = match cx.store.app_states(cx.deadline).await {
        Ok(states) => states,
        Err(error) => {
            tracing::warn!(outcome = "failed", "the apps' states could not be read: {error}");
            BTreeMap::new()
        }
    };
    let mut shown = Vec::new();
    for name in names {
        let state = states.get(name).cloned().unwrap_or_default();
        let mut app_status =
            AppStatus { app: name.to_string(), kind: None, client_id: None, state, problems: Vec::new() };
        if let Some(app) = scan.items.iter().find(|app| app.name == *name) {
            app_status.kind = Some(AppKind::of(&app.kind));
            app_status.client_id = Some(app.client.id.clone());
            app_status.problems.clone_from(&app.problems);
            let interval = cx.settings.sweep_interval;
            app_status.problems.extend(app.data_sources().iter().filter_map(|wanted| wanted.refusal(interval)));
        }
        for unreadable in &scan.unreadable {
            if app_in(&unreadable.name).as_ref() == Some(name) {
                let problem = format!("the secret {} cannot be read: {}", unreadable.name, unreadable.reason);
                app_status.problems.push(problem);
                app_status.state.webhooks = AppWebhooks::unknown();
                app_status.state.credentials = AppCredentials::unknown();
            }
        }
        shown.push(app_status);
    }
    shown
}
