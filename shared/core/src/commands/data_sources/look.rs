//! One look at the data sources of one grant.

use super::findings::{DataSourceProblem, GrantLook, OrgDataSources, OrgLook};
use super::settle::settle;
use super::webhooks::{DeliveryTarget, register_webhooks};
use crate::commands::renew::renew;
use crate::context::{Context, Ports};
use crate::data_sources::{DataSourceRecord, DataSourceRecords, WantedDataSource};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::{DataSourceApi as _, DataSourceStore as _, Found, WebexError};
use crate::request::{Reason, Renew};
use crate::token::AccessToken;

/// Registers, renews and repairs the data sources of a grant as far as Webex says that they need it, and saves what is
/// known then. A grant that is not active has none: its records are forgotten, and nothing is called.
pub(super) async fn look<P: Ports>(
    cx: &Context<'_, P>,
    of: &OrgLook<'_>,
    known: &DataSourceRecords,
) -> Result<GrantLook, BrokerError> {
    let OrgLook { id, wanted, target } = *of;
    let Some(token) = vendable_token(cx, id).await? else {
        for place in known.keys() {
            save(cx, id, *place, None).await;
        }
        return Ok(GrantLook::default());
    };
    let org = list(cx, id, token).await;
    let mut look = GrantLook::default();
    if let (Ok(org), Some(target)) = (&org, target) {
        listen(cx, org, target).await;
    }
    for (place, wanted) in wanted {
        let before = known.get(place);
        let settled = match &org {
            Ok(org) => settle(cx, org, wanted, before, &mut look).await,
            Err(error) => Err(error.clone()),
        };
        let record = match settled {
            Ok(record) => record,
            Err(error) => look.fail(cx, id, wanted, before, &error),
        };
        if record.is_worth_saving_over(before) {
            save(cx, id, *place, Some(&record)).await;
        }
        look.records.insert(*place, record);
    }
    Ok(look)
}

/// Lets Webex deliver events of the org's data sources. A failure leaves them to the sweeps.
async fn listen<P: Ports>(cx: &Context<'_, P>, org: &OrgDataSources<'_>, target: &DeliveryTarget) {
    let id = org.id;
    if let Err(error) = register_webhooks(cx, &id.app, target, &org.token).await {
        tracing::warn!(
            app = %id.app, subject = %id.subject, outcome = "failed", code = error.code(),
            webex.tracking_id = error.tracking_id,
            "{id}: the webhooks for its data sources are not registered, so that only sweeps look at them: {error}"
        );
    }
}

/// The access token of the grant as it is stored, if it is active.
async fn vendable_token<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<Option<AccessToken>, BrokerError> {
    match cx.records().load(id).await? {
        Found::Live(stored) => Ok(stored.grant.vendable().map(|pair| pair.access_token.clone())),
        Found::Absent | Found::Retired => Ok(None),
    }
}

/// Asks Webex for the data sources. If Webex calls the token dead, the grant is renewed as for a caller that reports a
/// rejected token, and asked once more. Nothing here ends a grant.
async fn list<'a, P: Ports>(
    cx: &Context<'_, P>,
    id: &'a GrantId,
    token: AccessToken,
) -> Result<OrgDataSources<'a>, WebexError> {
    let error = match cx.webex.list_data_sources(&token, cx.webex_deadline()).await {
        Ok(listed) => return Ok(OrgDataSources { id, token, listed }),
        Err(error) => error,
    };
    if !error.proves_dead() {
        return Err(error);
    }
    let Some(token) = replace_dead_token(cx, id, &token).await else { return Err(error) };
    let listed = cx.webex.list_data_sources(&token, cx.webex_deadline()).await?;
    Ok(OrgDataSources { id, token, listed })
}

async fn replace_dead_token<P: Ports>(cx: &Context<'_, P>, id: &GrantId, dead: &AccessToken) -> Option<AccessToken> {
    let request = Renew {
        id: id.clone(),
        if_sha256: Some(dead.fingerprint()),
        reason: Some(Reason::Rejected),
        deadline: None,
        force: false,
    };
    if let Err(error) = renew(cx, &request).await {
        tracing::warn!(
            app = %id.app, subject = %id.subject, outcome = "failed", code = error.code(),
            webex.tracking_id = error.tracking_id(),
            "{id}: Webex rejected its token for data sources, and it could not be renewed: {}", error.words()
        );
        return None;
    }
    let current = vendable_token(cx, id).await.ok()??;
    if current.fingerprint() == dead.fingerprint() { None } else { Some(current) }
}

impl GrantLook {
    /// Notes a failure and returns the record with it.
    fn fail<P: Ports>(
        &mut self,
        cx: &Context<'_, P>,
        id: &GrantId,
        wanted: &WantedDataSource,
        before: Option<&DataSourceRecord>,
        error: &WebexError,
    ) -> DataSourceRecord {
        let words = BrokerError::Webex(error.clone()).words();
        let reason = format!("the data source {} of {id} is not kept alive: {words}", wanted.url);
        let (code, tracking_id) = (error.code(), error.tracking_id.clone());
        self.problems.push(DataSourceProblem {
            id: id.clone(),
            code: code.clone(),
            tracking_id: tracking_id.clone(),
            reason,
        });
        let before = match before {
            Some(before) => before.clone(),
            None => DataSourceRecord::unregistered(wanted, cx.now()),
        };
        let failed = before.failed(code, tracking_id, error.is_refusal(), cx.now());
        DataSourceRecord { wanted_digest: wanted.digest(), ..failed }
    }
}

/// Saves a record, or forgets it. The record is a hint, so its loss costs one look.
async fn save<P: Ports>(cx: &Context<'_, P>, id: &GrantId, place: u8, record: Option<&DataSourceRecord>) {
    if let Err(error) = cx.store.save_data_source(id, place, record, cx.deadline).await {
        tracing::warn!(
            app = %id.app, subject = %id.subject, outcome = "failed",
            "{id}: the record of a data source was not saved, so the next sweep looks again: {error}"
        );
    }
}
