//! `remove_app`: an operator ends all grants of an app and its webhook registrations.

use jiff::SignedDuration;

use super::data_sources::delete_data_sources;
use super::remove::erase;
use super::sweep::is_own_registration;
use crate::app::{App, AppType};
use crate::app_state::AppState;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State};
use crate::port::{Store as _, Webex as _};
use crate::renewal::bearer;
use crate::request::{AppRemoval, Remove, RemoveApp};

/// Time that must be left for the next grant. A command that is cut off goes on where it stopped when it is sent again.
const ONE_GRANT: SignedDuration = SignedDuration::from_secs(5);

/// Marks the app as removed, so that no sweep mints for it again, removes its webhook registrations, and ends its grants
/// one by one, as far as the time allows. A new version of the app's secret takes the mark away.
pub(crate) async fn remove_app<P: Ports>(cx: &Context<'_, P>, request: &RemoveApp) -> Result<AppRemoval, BrokerError> {
    if request.confirm != request.app.as_str() {
        return Err(BrokerError::Invalid("confirm must be the name of the app: this ends all of its grants"));
    }
    if request.app == cx.settings.minter.app {
        return Err(BrokerError::Invalid("this is the minter's app: nothing could be minted without it"));
    }
    let app = cx.load_app(&request.app).await?;
    mark_removed(cx, &app).await?;
    let unregistered = unregister(cx, &app).await;
    let (removed, left) = end_grants(cx, &app).await?;
    Ok(AppRemoval { removed, left, next_steps: next_steps(&app, left, unregistered.err().as_ref()) })
}

async fn mark_removed<P: Ports>(cx: &Context<'_, P>, app: &App) -> Result<(), BrokerError> {
    let before = cx.store.app_states(cx.deadline).await?.remove(&app.name);
    let is_first = before.is_none();
    let state = AppState { removed_version: Some(app.version.clone()), ..before.unwrap_or_default() };
    Ok(cx.store.save_app_state(&app.name, &state, is_first, cx.deadline).await?)
}

/// Removes the broker's own registrations for the app, wherever they point.
async fn unregister<P: Ports>(cx: &Context<'_, P>, app: &App) -> Result<(), BrokerError> {
    let AppType::ServiceApp(service_app) = &app.kind else { return Ok(()) };
    let bearer = bearer(cx).await?;
    let registered = cx.webex.list_webhooks(&bearer, cx.webex_deadline()).await.map_err(BrokerError::Webex)?;
    for registration in &registered {
        if is_own_registration(registration, &service_app.application_id) {
            let deleted = cx.webex.delete_webhook(&registration.id, &bearer, cx.webex_deadline()).await;
            deleted.map_err(BrokerError::Webex)?;
        }
    }
    Ok(())
}

/// Ends the grants of the app, and returns how many, and how many are left at least.
async fn end_grants<P: Ports>(cx: &Context<'_, P>, app: &App) -> Result<(u32, u32), BrokerError> {
    let (mut removed, mut left) = (0, 0);
    let mut next = None;
    loop {
        let Some(page) = cx.store.records_page(&app.name, next.as_deref(), cx.deadline).await? else { break };
        for stored in page.live {
            // A block is what keeps a grant out, should the app come back.
            if stored.grant.state == State::Revoked && stored.grant.blocked {
                continue;
            }
            match end_grant(cx, app, stored.grant).await {
                Ok(()) => removed += 1,
                Err(()) => left += 1,
            }
        }
        left += u32::try_from(page.unreadable.len()).unwrap_or(u32::MAX);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    Ok((removed, left))
}

/// Ends one grant, if there is time for it. Its failure is logged and leaves it to the next attempt.
async fn end_grant<P: Ports>(cx: &Context<'_, P>, app: &App, grant: Grant) -> Result<(), ()> {
    if !cx.deadline.allows(cx.now(), ONE_GRANT) {
        return Err(());
    }
    delete_data_sources(cx, app, &grant).await;
    let request = Remove { id: grant.id, block: false };
    match erase(cx, &request).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let id = &request.id;
            tracing::warn!(
                app = %id.app, subject = %id.subject, outcome = "failed", code = error.code(),
                "{id} was not removed: {}", error.words()
            );
            Err(())
        }
    }
}

fn next_steps(app: &App, left: u32, unregistered: Option<&BrokerError>) -> Vec<String> {
    let name = &app.name;
    let mut steps = Vec::new();
    if left > 0 {
        steps.push(format!("send the command again: {left} grants are left (see the log for those that failed)"));
    }
    if let Some(error) = unregistered {
        steps.push(format!("the webhook registrations were not removed ({}): send the command again", error.words()));
    }
    steps.push(format!("delete the secrets apps/{name} and webhooks/{name}"));
    steps.push(match app.kind {
        AppType::ServiceApp(_) => {
            "delete the Service App in the developer portal; until then organisations still list it as authorised, \
             and its client secret works"
                .to_owned()
        }
        AppType::Integration(_) => "delete the Integration in the developer portal".to_owned(),
    });
    steps
}
