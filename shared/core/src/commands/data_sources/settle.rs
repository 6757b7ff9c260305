//! Doing what one data source needs.

use super::findings::{DataSourceProblem, GrantLook, OrgDataSources};
use crate::context::{Context, Ports};
use crate::data_sources::{
    DataSourceRecord, DataSourceStep, RemoteDataSource, WantedDataSource, duplicates_of, find, step_for,
};
use crate::id::GrantId;
use crate::port::{DataSourceApi as _, WebexError};

/// Does what one data source needs, and returns its new record.
pub(super) async fn settle<P: Ports>(
    cx: &Context<'_, P>,
    org: &OrgDataSources<'_>,
    wanted: &WantedDataSource,
    before: Option<&DataSourceRecord>,
    look: &mut GrantLook,
) -> Result<DataSourceRecord, WebexError> {
    let found = find(&org.listed, wanted, before);
    if let Some(found) = found {
        delete_duplicates(cx, org, &org.listed, &found.id, wanted).await?;
    }
    let deadline = cx.webex_deadline();
    match (step_for(found, wanted, cx.now()), found) {
        (DataSourceStep::Register, _) | (_, None) => {
            let registered = cx.webex.register_data_source(wanted, &org.token, deadline).await?;
            look.renewed += 1;
            let kept = keep_one(cx, org, registered, wanted).await?;
            Ok(record_of(cx, &kept, wanted, before))
        }
        (DataSourceStep::Renew, Some(found)) => {
            let renewed = cx.webex.renew_data_source(&found.id, wanted, &org.token, deadline).await?;
            look.renewed += 1;
            Ok(record_of(cx, &RemoteDataSource { id: found.id.clone(), ..renewed }, wanted, before))
        }
        (DataSourceStep::Keep, Some(found)) => Ok(record_of(cx, found, wanted, before)),
        (DataSourceStep::LeaveDisabled, Some(found)) => {
            if !matches!(before, Some(before) if before.is_disabled) {
                look.problems.push(disabled(org.id, found));
            }
            Ok(record_of(cx, found, wanted, before))
        }
    }
}

/// Looks again after a registration: another sweep may have registered one at the same time. All keep the same one.
async fn keep_one<P: Ports>(
    cx: &Context<'_, P>,
    org: &OrgDataSources<'_>,
    registered: RemoteDataSource,
    wanted: &WantedDataSource,
) -> Result<RemoteDataSource, WebexError> {
    let listed = cx.webex.list_data_sources(&org.token, cx.webex_deadline()).await?;
    let Some(kept) = find(&listed, wanted, None) else { return Ok(registered) };
    delete_duplicates(cx, org, &listed, &kept.id, wanted).await?;
    if kept.id == registered.id { Ok(registered) } else { Ok(kept.clone()) }
}

async fn delete_duplicates<P: Ports>(
    cx: &Context<'_, P>,
    org: &OrgDataSources<'_>,
    listed: &[RemoteDataSource],
    kept: &str,
    wanted: &WantedDataSource,
) -> Result<(), WebexError> {
    for duplicate in duplicates_of(kept, listed, wanted) {
        cx.webex.delete_data_source(&duplicate.id, &org.token, cx.webex_deadline()).await?;
    }
    Ok(())
}

fn record_of<P: Ports>(
    cx: &Context<'_, P>,
    found: &RemoteDataSource,
    wanted: &WantedDataSource,
    before: Option<&DataSourceRecord>,
) -> DataSourceRecord {
    let now = cx.now();
    let known_nonce = before.and_then(|before| before.nonce_digest.clone());
    let expires_at = found.credible_expiry(wanted.lifetime(), now);
    DataSourceRecord {
        id: Some(found.id.clone()),
        // A JWS that states no end was signed a moment ago: one that is not new is renewed.
        expires_at: Some(expires_at.unwrap_or(now + wanted.lifetime())),
        looked_at: now,
        is_disabled: !found.is_active,
        message: found.error_message.clone(),
        nonce_digest: found.nonce_digest.clone().or(known_nonce),
        wanted_digest: wanted.digest(),
        failure: None,
    }
}

fn disabled(id: &GrantId, found: &RemoteDataSource) -> DataSourceProblem {
    let message = found.error_message.as_deref().unwrap_or("Webex states no reason");
    let reason = format!(
        "the data source {} of {id} was disabled ({message}) and is left alone; an administrator of the organisation \
         can make it active again, or \"reactivate\": true in the app's secret does",
        found.url
    );
    DataSourceProblem { id: id.clone(), code: "data_source_disabled".to_owned(), tracking_id: None, reason }
}
