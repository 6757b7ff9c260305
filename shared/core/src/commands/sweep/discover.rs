//! Organisations that the operator names and that no event has announced.

use super::task_result::TaskResult;
use crate::app::App;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State};
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::Found;
use crate::records::Updated;
use crate::renewal::{RenewalOutcome, log_result, mint, mint_or_retire};

/// An organisation without a grant: nothing is written unless Webex says that it has authorised the app.
pub(super) async fn discover<P: Ports>(cx: &Context<'_, P>, app: &App, id: GrantId) -> TaskResult {
    let result = match mint(cx, app, &id).await {
        Err(BrokerError::NotAuthorized(_)) => return TaskResult::Nothing,
        Ok(response) => store_discovered(cx, app, &id, response).await,
        Err(error) => Err(error),
    };
    log_result(cx, &id, &result);
    TaskResult::Attempted(Box::new((Grant::pending(id, None), result)))
}

async fn store_discovered<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    id: &GrantId,
    response: TokenResponse,
) -> Result<RenewalOutcome, BrokerError> {
    let now = cx.now();
    let grant = Grant::pending(id.clone(), None).minted(Pair::from_response(response, None, now), now);
    match cx.records().create(grant).await? {
        Updated::Written(stored) => Ok(RenewalOutcome::Minted(stored)),
        Updated::Left(_) => ask_again(cx, app, id).await,
    }
}

/// There is a record after all. If it was retired, the organisation is back, and Webex is asked once more: the first
/// answer is older than the record that was read now, which may be a fence.
async fn ask_again<P: Ports>(cx: &Context<'_, P>, app: &App, id: &GrantId) -> Result<RenewalOutcome, BrokerError> {
    let found = cx.records().restore(id).await?;
    match &found {
        Found::Live(stored)
            if stored.grant.state == State::Revoked && stored.grant.has_settled(cx.now(), cx.settings.fence_settle) =>
        {
            mint_or_retire(cx, app, stored).await
        }
        _ => Ok(RenewalOutcome::Adopted(found)),
    }
}
