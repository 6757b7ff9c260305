//! The Integrations that can be consented to, as the refresher lists them.

use broker_core::id::AppName;
use broker_core::request::{AppKind, AppList, AppSummary, Apps, CommandAnswer, RefresherRequest};
use jiff::SignedDuration;
use lambda_kit::refresher::RefresherClient;

use crate::error::Error;

/// One Integration.
#[derive(Debug, Clone)]
pub(crate) struct IntegrationEntry {
    pub(crate) name: AppName,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// The scopes that its secret fixes; `None` lets the person choose.
    pub(crate) scopes: Option<Vec<String>>,
}

impl IntegrationEntry {
    /// `None` for a Service App, which is authorised in Control Hub.
    fn from_summary(app: AppSummary) -> Option<Self> {
        match (app.kind, app.redirect_uri) {
            (AppKind::Integration, Some(redirect_uri)) => {
                Some(Self { name: app.app, client_id: app.client_id, redirect_uri, scopes: app.scopes })
            }
            _ => None,
        }
    }
}

/// Lists the Integrations: the minter's first, the others by name.
pub(crate) async fn list(
    refresher: &RefresherClient,
    minter: &AppName,
    time_left: SignedDuration,
) -> Result<Vec<IntegrationEntry>, Error> {
    let answer = refresher.ask::<AppList>(&RefresherRequest::Apps(Apps {}), time_left).await;
    let list = match answer.map_err(Error::AppsUnavailable)? {
        CommandAnswer::Done(list) => list,
        CommandAnswer::Refused { error } => return Err(Error::AppsRefused(error)),
    };
    let mut integrations: Vec<_> = list.apps.into_iter().filter_map(IntegrationEntry::from_summary).collect();
    integrations.sort_by_key(|app| (app.name != *minter, app.name.clone()));
    Ok(integrations)
}
