//! Commands of the console to the refresher.

use broker_core::id::GrantId;
use broker_core::request::{AppStatus, CommandAnswer, GrantStatus, RefresherRequest, StatusReport, StatusRequest};
use jiff::SignedDuration;
use lambda_kit::refresher::{InvokeError, RefresherClient};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Names the console in the history of a grant. The operators share one key, so it cannot say which of them acted.
const OPERATOR: &str = "console";

/// One grant with its history.
#[derive(Debug)]
pub(crate) struct ShownGrant {
    /// `None` if the app's secret is gone.
    pub(crate) app: Option<AppStatus>,
    pub(crate) grant: GrantStatus,
}

/// Reads the apps and one page of grants.
pub(crate) async fn status(
    refresher: &RefresherClient,
    request: StatusRequest,
    time_left: SignedDuration,
) -> Result<StatusReport, Error> {
    let answer = refresher.ask(&RefresherRequest::Status(request), time_left).await;
    done(answer, None)
}

/// Reads one grant. A grant that does not exist is the error `not_found`.
pub(crate) async fn grant(
    refresher: &RefresherClient,
    id: &GrantId,
    time_left: SignedDuration,
) -> Result<ShownGrant, Error> {
    let request =
        StatusRequest { app: Some(id.app.clone()), subject: Some(id.subject.clone()), ..StatusRequest::default() };
    let report = status(refresher, request, time_left).await?;
    match report.grants.into_iter().next() {
        Some(grant) => Ok(ShownGrant { app: report.apps.into_iter().next(), grant }),
        None => Err(Error::GrantNotFound),
    }
}

/// Reads one grant; `None` if there is none.
pub(crate) async fn find_grant(
    refresher: &RefresherClient,
    id: &GrantId,
    time_left: SignedDuration,
) -> Result<Option<GrantStatus>, Error> {
    match grant(refresher, id, time_left).await {
        Ok(shown) => Ok(Some(shown.grant)),
        Err(Error::GrantNotFound) => Ok(None),
        Err(Error::CommandRefused { error, .. }) if error.code == "not_found" || error.code == "unknown_app" => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Performs a command on `grant`.
pub(crate) async fn perform<T: DeserializeOwned>(
    refresher: &RefresherClient,
    grant: &GrantId,
    request: &RefresherRequest,
    time_left: SignedDuration,
) -> Result<T, Error> {
    done(refresher.ask_as(OPERATOR, request, time_left).await, Some(grant))
}

fn done<T>(answer: Result<CommandAnswer<T>, InvokeError>, grant: Option<&GrantId>) -> Result<T, Error> {
    match answer {
        Ok(CommandAnswer::Done(answer)) => Ok(answer),
        Ok(CommandAnswer::Refused { error }) => {
            Err(Error::CommandRefused { grant: grant.cloned().map(Box::new), error })
        }
        Err(source) => Err(Error::CommandUnavailable { grant: grant.cloned().map(Box::new), source }),
    }
}
