//! The grant that a query asks for.

use broker_core::id::{AppName, GrantId, Subject};

use crate::error::Error;
use crate::grant_request::{DEFAULT_SUBJECT, GrantRequest, GrantRequestError};
use crate::integrations::{self, IntegrationEntry};
use crate::parameters::Parameters;
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

/// Reads `app`, `subject`, `scope` and `show`, and finds the Integration. Where its secret fixes the scopes, those count
/// and the query's do not.
pub(super) async fn read(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<(IntegrationEntry, GrantRequest), Error> {
    let id = grant_id(&request.query)?;
    let apps = integrations::list(&state.refresher, &state.settings.minter.app, request.time_left).await?;
    let Some(app) = apps.into_iter().find(|app| app.name == id.app) else {
        return Err(Error::UnknownIntegration);
    };
    let scopes = match &app.scopes {
        Some(fixed) => fixed.clone(),
        None => request.query.words("scope"),
    };
    let grant = GrantRequest::new(id, scopes, request.query.get("show").is_some())?;
    log.set_grant(&grant.id);
    Ok((app, grant))
}

fn grant_id(query: &Parameters) -> Result<GrantId, GrantRequestError> {
    let app = query.get("app").unwrap_or_default().trim();
    let subject = query.get("subject").unwrap_or(DEFAULT_SUBJECT).trim();
    let app = AppName::parse(app).map_err(|error| GrantRequestError::InvalidName(error.to_string()))?;
    let subject = Subject::parse(subject).map_err(|error| GrantRequestError::InvalidName(error.to_string()))?;
    Ok(GrantId::new(app, subject))
}
