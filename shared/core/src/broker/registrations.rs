//! Keeping the webhook registrations alive: 100 failed deliveries in 5 minutes make one inactive, and nothing else makes
//! it active again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::sweep::SweepOutcome;
use super::{Broker, BrokerError, Invocation};
use crate::app::{App, AppType, WebhookSecrets};
use crate::clock::Clock;
use crate::id::ApplicationId;
use crate::port::{AppEvent, Registration, RegistrationDraft, Store, Webex};
use crate::token::AccessToken;

/// What the names of our registrations begin with.
const OURS: &str = "webex-token-broker ";

/// A registration that is revived within 5 minutes of being disabled is disabled again by its first failure.
const BETWEEN_REVIVALS: SignedDuration = SignedDuration::from_mins(5);

/// When this environment revived which registration.
#[derive(Debug, Default)]
pub(super) struct Revivals(Mutex<HashMap<String, Timestamp>>);

impl Revivals {
    fn may(&self, id: &str, now: Timestamp) -> bool {
        let mut revived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may = revived.get(id).is_none_or(|&at| now.duration_since(at) >= BETWEEN_REVIVALS);
        if may {
            revived.insert(id.to_owned(), now);
        }
        may
    }
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Brings the registrations of every Service App into order and counts those that had to be touched. One app's
    /// trouble does not keep the others from being looked at.
    pub(super) async fn repair_registrations(
        &self,
        run: &Invocation,
        apps: &[App],
        base: &str,
        swept: &mut SweepOutcome,
    ) -> Result<(), BrokerError> {
        let bearer = self.bearer(run).await?;
        let there = self.webex.registrations(&bearer, run.asking()).await.map_err(BrokerError::Webex)?;
        for app in apps {
            match self.repair_app(run, app, base, &there, &bearer).await {
                Ok(repaired) => swept.app(&app.name).webhooks_repaired += repaired,
                Err(error) => {
                    let refusal = error.command_error();
                    warn!(app = %app.name, outcome = "failed", code = refusal.code,
                        webex.tracking_id = refusal.tracking_id, "registrations: {}", refusal.detail);
                    swept.fail(app.name.as_str(), "", refusal.code, refusal.tracking_id);
                }
            }
        }
        Ok(())
    }

    async fn repair_app(
        &self,
        run: &Invocation,
        app: &App,
        base: &str,
        there: &[Registration],
        bearer: &AccessToken,
    ) -> Result<u32, BrokerError> {
        let AppType::ServiceApp(service_app) = &app.kind else {
            return Ok(0);
        };
        let Some(keys) = self.vault.webhook_secrets(&app.name).await? else {
            info!(app = %app.name, "no registrations: there is no secret webhooks/{}", app.name);
            return Ok(0);
        };
        let mut repaired = 0;
        for event in [AppEvent::Authorized, AppEvent::Deauthorized] {
            let Some(wanted) = draft(app, &service_app.application_id, base, event, &keys) else {
                continue;
            };
            repaired += self.repair(run, &wanted, there, bearer).await?;
        }
        Ok(repaired)
    }

    /// One registration for one event: created if missing, put right if it is wrong, moved if it points elsewhere. Of
    /// several the one that points here is kept, and doubles of it are removed; where others point is another
    /// deployment's business.
    async fn repair(
        &self,
        run: &Invocation,
        wanted: &RegistrationDraft,
        there: &[Registration],
        bearer: &AccessToken,
    ) -> Result<u32, BrokerError> {
        let points_here = |registration: &&Registration| registration.target_url == wanted.target_url;
        let ours = || there.iter().filter(|registration| is_ours(registration, wanted));
        let Some(first) = ours().find(points_here).or_else(|| ours().next()) else {
            self.webex.register(wanted, bearer, run.asking()).await.map_err(BrokerError::Webex)?;
            return Ok(1);
        };
        let mut repaired = 0;
        if !is_right(first, wanted) && (first.active || self.revivals.may(&first.id, self.clock.now())) {
            self.webex.reregister(&first.id, wanted, bearer, run.asking()).await.map_err(BrokerError::Webex)?;
            repaired += 1;
        }
        for spare in ours().filter(points_here).filter(|spare| spare.id != first.id) {
            self.webex.unregister(&spare.id, bearer, run.asking()).await.map_err(BrokerError::Webex)?;
            repaired += 1;
        }
        Ok(repaired)
    }
}

fn draft(
    app: &App,
    id: &ApplicationId,
    base: &str,
    event: AppEvent,
    keys: &WebhookSecrets,
) -> Option<RegistrationDraft> {
    Some(RegistrationDraft {
        name: format!("{OURS}{} {}", app.name, event.as_str()),
        target_url: format!("{}/webhooks/{}", base.trim_end_matches('/'), app.name),
        event,
        application_id: id.clone(),
        secret: keys.secrets.first()?.clone(),
    })
}

/// Ours by its filter and its name, for this event; nobody else's is touched.
fn is_ours(registration: &Registration, wanted: &RegistrationDraft) -> bool {
    let filtered = registration.filter.as_deref().and_then(|filter| filter.strip_prefix("id="));
    registration.name.starts_with(OURS)
        && registration.resource == "serviceApp"
        && registration.event == wanted.event.as_str()
        && filtered.is_some_and(|id| ApplicationId::new(id) == wanted.application_id)
}

/// A secret that Webex does not echo is taken for the right one.
fn is_right(registration: &Registration, wanted: &RegistrationDraft) -> bool {
    let signs_right =
        registration.secret.as_ref().is_none_or(|secret| secret.fingerprint() == wanted.secret.fingerprint());
    registration.active && signs_right && registration.target_url == wanted.target_url
}
