//! `remove`: an operator ends a grant, and may keep it out.

use super::data_sources::delete_data_sources;
use crate::app::{App, AppType};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State, TransitionKind, WriteRank};
use crate::port::{Found, Webex as _};
use crate::records::Decision;
use crate::request::{Removal, Remove};

/// The scope that lets a token revoke an authorisation at Webex.
const REVOKING_SCOPE: &str = "identity:tokens_write";

/// Erases the tokens of a grant, after revoking its authorisation at Webex where its own token may do that. Without
/// `block` its secret is scheduled for deletion; a blocked record stays, since it is what keeps the grant out.
pub(crate) async fn remove<P: Ports>(cx: &Context<'_, P>, request: &Remove) -> Result<Removal, BrokerError> {
    let id = &request.id;
    let grant = match (cx.records().load(id).await?, request.block) {
        (Found::Live(stored), _) => Some(stored.grant),
        (Found::Absent, false) => return Err(BrokerError::NotFound(id.clone())),
        (Found::Retired, false) => return Ok(Removal { state: State::Revoked, revoked_at_webex: false, detail: None }),
        (Found::Absent | Found::Retired, true) => None,
    };
    let app = cx.load_app(&id.app).await?;
    let revoked_at_webex = match &grant {
        Some(grant) => {
            delete_data_sources(cx, &app, grant).await;
            revoke_at_webex(cx, &app, grant).await
        }
        None => false,
    };
    erase(cx, request).await?;
    let detail = next_step(&app, request, revoked_at_webex);
    Ok(Removal { state: State::Revoked, revoked_at_webex, detail })
}

/// A crash between the two writes leaves a revoked record, which the next sweep schedules for deletion.
pub(super) async fn erase<P: Ports>(cx: &Context<'_, P>, request: &Remove) -> Result<(), BrokerError> {
    let id = &request.id;
    let change = if request.block { TransitionKind::Blocked } else { TransitionKind::Removed };
    cx.records()
        .update::<()>(id, WriteRank::Last, |found| {
            let revoked = match found {
                Some(grant) => grant.revoked(),
                None => Grant::empty(id.clone(), State::Revoked),
            };
            Ok(Decision::Write(Box::new(revoked.because(change))))
        })
        .await?;
    if !request.block {
        cx.records().retire(id).await?;
    }
    Ok(())
}

/// Whether Webex revoked the authorisation. A token may do that for its own organisation alone, so the grant's own is
/// used. A failure leaves the rest to an administrator and does not keep the tokens here.
async fn revoke_at_webex<P: Ports>(cx: &Context<'_, P>, app: &App, grant: &Grant) -> bool {
    let (Some(org), Some(pair)) = (grant.id.subject.org(), &grant.pair) else { return false };
    let scope = pair.scope.as_deref().unwrap_or_default();
    if !scope.split(' ').any(|granted| granted == REVOKING_SCOPE) {
        return false;
    }
    match cx.webex.revoke_authorization(&app.client, org, &pair.access_token, cx.webex_deadline()).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(
                app = %grant.id.app, subject = %grant.id.subject, outcome = "not_revoked", code = error.code(),
                webex.tracking_id = error.tracking_id, "{}: {error}", grant.id
            );
            false
        }
    }
}

fn next_step(app: &App, request: &Remove, revoked_at_webex: bool) -> Option<String> {
    let id = &request.id;
    if revoked_at_webex {
        return None;
    }
    let AppType::ServiceApp(service_app) = &app.kind else {
        return Some("the person who consented can end the consent in their Webex account settings".to_owned());
    };
    let mut step = "Webex still counts the organisation as authorised; one of its administrators can revoke the app \
                    in Control Hub"
        .to_owned();
    let is_configured = match id.subject.org() {
        Some(org) => service_app.orgs.contains(org),
        None => false,
    };
    if is_configured && !request.block {
        step.push_str("; the secret of the app names the organisation in orgs, so the next sweep mints for it again");
    }
    Some(step)
}
