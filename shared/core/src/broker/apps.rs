//! `apps`: what consent may know.

use serde::Serialize;

use super::{Broker, BrokerError, Run};
use crate::app::{App, Kind};
use crate::clock::Clock;
use crate::id::AppName;
use crate::port::{Vault, Webex};

/// All apps, without their secrets.
#[derive(Debug, Serialize)]
pub struct AppList {
    apps: Vec<AppSummary>,
}

/// One app, without its secret.
#[derive(Debug, Serialize)]
pub struct AppSummary {
    app: AppName,
    kind: &'static str,
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
}

impl<V: Vault, W: Webex, C: Clock> Broker<V, W, C> {
    /// The apps that can be read; the others are logged.
    pub async fn apps(&self, run: &Run) -> Result<AppList, BrokerError> {
        let scan = self.vault.apps(run.deadline).await?;
        for unreadable in &scan.unreadable {
            tracing::warn!(
                outcome = "unreadable",
                "{} cannot be read: {}",
                unreadable.name,
                unreadable.reason
            );
        }
        match scan.cut_short {
            Some(error) => Err(error.into()),
            None => Ok(AppList {
                apps: scan.items.into_iter().map(AppSummary::of).collect(),
            }),
        }
    }
}

impl AppSummary {
    fn of(app: App) -> Self {
        let (kind, redirect_uri, scopes) = match app.kind {
            Kind::ServiceApp(_) => ("service_app", None, None),
            Kind::Integration(integration) => ("integration", Some(integration.redirect_uri), integration.scopes),
        };
        Self {
            app: app.name,
            kind,
            client_id: app.client.id,
            redirect_uri,
            scopes,
        }
    }
}
