//! `apps`: the apps without their secrets, for consent.

use crate::app::{App, AppType};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::port::Store as _;
use crate::request::{AppKind, AppList, AppSummary};

/// The apps that can be read; the others are logged.
pub(crate) async fn apps<P: Ports>(cx: &Context<'_, P>) -> Result<AppList, BrokerError> {
    let scan = cx.store.apps(cx.deadline).await?;
    for unreadable in &scan.unreadable {
        tracing::warn!(outcome = "unreadable", "{} cannot be read: {}", unreadable.name, unreadable.reason);
    }
    match scan.cut_short {
        Some(error) => Err(error.into()),
        None => Ok(AppList { apps: scan.items.into_iter().map(summary).collect() }),
    }
}

fn summary(app: App) -> AppSummary {
    let (kind, redirect_uri, scopes) = match app.kind {
        AppType::ServiceApp(_) => (AppKind::ServiceApp, None, None),
        AppType::Integration(integration) => (AppKind::Integration, Some(integration.redirect_uri), integration.scopes),
    };
    AppSummary { app: app.name, kind, client_id: app.client.id, redirect_uri, scopes }
}
