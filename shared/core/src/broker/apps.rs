//! `apps`: what consent may know.

use super::{Broker, BrokerError, Run};
use crate::app::{App, Kind};
use crate::clock::Clock;
use crate::port::{Vault, Webex};
use crate::request::{AppKind, AppList, AppSummary};

impl<V: Vault, W: Webex, C: Clock> Broker<V, W, C> {
    /// The apps that can be read; the others are logged.
    pub async fn apps(&self, run: &Run) -> Result<AppList, BrokerError> {
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
        Kind::ServiceApp(_) => (AppKind::ServiceApp, None, None),
        Kind::Integration(integration) => (AppKind::Integration, Some(integration.redirect_uri), integration.scopes),
    };
    AppSummary { app: app.name, kind, client_id: app.client.id, redirect_uri, scopes }
}
