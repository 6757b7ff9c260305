//! Keeping the webhook registrations active: 100 failed deliveries in 5 minutes make one inactive, and nothing else makes
//! it active again.

use tracing::{info, warn};

use super::report::{FailureLine, SweepOutcome};
use crate::app::{App, AppType, WebhookSecrets};
use crate::app_state::{AppWebhooks, WebhookState};
use crate::commands::own_webhooks::{OWN_NAME, is_signed_with, target_url};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::ApplicationId;
use crate::port::{AppEvent, Registration, RegistrationDraft, Store as _, Webex as _};
use crate::renewal::bearer;
use crate::token::AccessToken;

/// The registrations at Webex, and the token to change them with.
struct Registry {
    registrations: Vec<Registration>,
    bearer: AccessToken,
}

/// Puts the registrations of every Service App right and counts the changes. One app's failure does not keep the others
/// from being checked.
pub(super) async fn repair<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    base: &str,
    outcome: &mut SweepOutcome,
) -> Result<(), BrokerError> {
    let bearer = bearer(cx).await?;
    let registrations = cx.webex.list_webhooks(&bearer, cx.webex_deadline()).await.map_err(BrokerError::Webex)?;
    let registry = Registry { registrations, bearer };
    for app in apps {
        match repair_app(cx, app, base, &registry, outcome).await {
            Ok((state, repaired)) => {
                outcome.app(&app.name).webhooks_repaired += repaired;
                outcome.webhooks.insert(app.name.clone(), state);
            }
            Err(error) => {
                let state = AppWebhooks::because(WebhookState::Failing, error.words());
                outcome.webhooks.insert(app.name.clone(), state);
                outcome.registration_codes.insert(app.name.clone(), error.code());
                warn!(
                    app = %app.name, outcome = "failed", code = error.code(),
                    webex.tracking_id = error.tracking_id(),
                    "the webhook registrations of {} could not be repaired: {}", app.name, error.words()
                );
                outcome.add_failure(FailureLine::of(app.name.as_str(), "", &error));
            }
        }
    }
    Ok(())
}

async fn repair_app<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    base: &str,
    registry: &Registry,
    outcome: &mut SweepOutcome,
) -> Result<(AppWebhooks, u32), BrokerError> {
    let AppType::ServiceApp(service_app) = &app.kind else {
        let reason = "an Integration has no webhooks of its own";
        return Ok((AppWebhooks::because(WebhookState::Off, reason), 0));
    };
    let Some(secrets) = cx.store.webhook_secrets(&app.name).await? else {
        info!(app = %app.name, "no webhook is registered: there is no secret webhooks/{}", app.name);
        let reason = format!("there is no secret webhooks/{}", app.name);
        return Ok((AppWebhooks::because(WebhookState::Off, reason), 0));
    };
    outcome.add_problems(app, &format!("webhooks/{}", app.name), &secrets.problems);
    let mut repaired = 0;
    for event in [AppEvent::Authorized, AppEvent::Deauthorized] {
        if let Some(wanted) = draft(app, &service_app.application_id, base, event, &secrets) {
            repaired += repair_one(cx, &wanted, registry).await?;
        }
    }
    Ok((AppWebhooks { state: WebhookState::Registered, reason: None }, repaired))
}

/// One registration for one event: created if missing, corrected if wrong, moved if it points elsewhere. Of several, the
/// one that points here is kept and its duplicates are removed; one that points elsewhere belongs to another deployment.
async fn repair_one<P: Ports>(
    cx: &Context<'_, P>,
    wanted: &RegistrationDraft,
    registry: &Registry,
) -> Result<u32, BrokerError> {
    let Registry { registrations, bearer } = registry;
    let deadline = cx.webex_deadline();
    let own: Vec<&Registration> = registrations.iter().filter(|found| is_own(found, wanted)).collect();
    let (here, elsewhere): (Vec<&Registration>, Vec<&Registration>) =
        own.into_iter().partition(|found| found.target_url == wanted.target_url);
    let right = here.iter().find(|found| is_right(found, wanted));
    let Some(kept) = right.or(here.first()).or(elsewhere.first()) else {
        cx.webex.create_webhook(wanted, bearer, deadline).await.map_err(BrokerError::Webex)?;
        return Ok(1);
    };
    let mut repaired = 0;
    let may_change = kept.active || cx.memory.reactivations.try_reactivate(&kept.id, cx.now());
    if !is_right(kept, wanted) && may_change {
        cx.webex.update_webhook(&kept.id, wanted, bearer, deadline).await.map_err(BrokerError::Webex)?;
        repaired += 1;
    }
    for duplicate in here.iter().filter(|found| found.id != kept.id) {
        cx.webex.delete_webhook(&duplicate.id, bearer, deadline).await.map_err(BrokerError::Webex)?;
        repaired += 1;
    }
    Ok(repaired)
}

fn draft(
    app: &App,
    id: &ApplicationId,
    base: &str,
    event: AppEvent,
    secrets: &WebhookSecrets,
) -> Option<RegistrationDraft> {
    Some(RegistrationDraft {
        name: format!("{OWN_NAME}{} {}", app.name, event.as_str()),
        target_url: target_url(base, &app.name),
        event,
        application_id: id.clone(),
        secret: secrets.secrets.first()?.clone(),
    })
}

/// Whether a registration is the broker's own and for this event.
fn is_own(registration: &Registration, wanted: &RegistrationDraft) -> bool {
    registration.event == wanted.event.as_str() && is_own_registration(registration, &wanted.application_id)
}

/// Whether a registration is the broker's own for an application, by its filter and its name.
pub(crate) fn is_own_registration(registration: &Registration, application: &ApplicationId) -> bool {
    let Some(filter) = &registration.filter else { return false };
    let Some(application_id) = filter.strip_prefix("id=") else { return false };
    registration.name.starts_with(OWN_NAME)
        && registration.resource == "serviceApp"
        && ApplicationId::new(application_id) == *application
}

fn is_right(registration: &Registration, wanted: &RegistrationDraft) -> bool {
    registration.active && is_signed_with(registration, &wanted.secret) && registration.target_url == wanted.target_url
}
