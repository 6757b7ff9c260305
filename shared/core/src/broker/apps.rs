//! `apps`: what consent may know.

use super::{Broker, BrokerError, Invocation};
use crate::app::{App, AppType};
use crate::clock::Clock;
use crate::port::{Store, Webex};
use crate::request::{AppKind, AppList, AppSummary};

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// The apps that can be read; the others are logged.
    pub async fn apps(&self, run: &Invocation) -> Result<AppList, BrokerError> {
        let scan = self.vault.apps(run.deadline).await?;
        for unreadable in &scan.unreadable {
            tracing::warn!(outcome = "unreadable", "{} cannot be read: {}", unreadable.name, unreadable.reason);
        }
        match scan.cut_short {
            Some(error) => Err(error.into()),
            None => Ok(AppList { apps: scan.items.into_iter().map(without_secret).collect() }),
        }
    }
}

fn without_secret(app: App) -> AppSummary {
    let (kind, redirect_uri, scopes) = match app.kind {
        AppType::ServiceApp(_) => (AppKind::ServiceApp, None, None),
        AppType::Integration(integration) => (AppKind::Integration, Some(integration.redirect_uri), integration.scopes),
    };
    AppSummary { app: app.name, kind, client_id: app.client.id, redirect_uri, scopes }
}
