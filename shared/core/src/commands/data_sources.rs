//! Keeping the data sources of an app alive in every org whose grant is active.
//!
//! Order: the pair was stored before its token is used here, and Webex is asked before anything is changed. A failure
//! is the data source's alone: it never touches the grant. A crash at any point leaves what the next look finds.

mod counts;
mod findings;
mod hint;
mod look;
mod remove;
mod settle;
mod webhooks;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::context::{Context, Ports};
use crate::data_sources::{DataSourceRecords, WantedDataSource};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::{DataSourceStore as _, StoreError};

pub(crate) use counts::AppDataSources;
pub use counts::DataSourceCounts;
pub(crate) use findings::DataSourceProblem;
pub(crate) use hint::look_at_data_sources;
pub(crate) use remove::delete_data_sources;
pub(crate) use webhooks::DeliveryTarget;

use findings::{GrantLook, OrgLook};

/// Grants in hand at once. Each is one or two calls to Webex.
const AT_ONCE: usize = 8;

/// Time that a grant needs once it is begun. With less than this left, the rest is for the next sweep.
const ONE_GRANT: SignedDuration = SignedDuration::from_secs(8);

/// A grant with a data source to look at.
struct DueGrant {
    id: GrantId,
    records: DataSourceRecords,
    /// When its first data source ends. One that was never registered has no callers to lose.
    urgency: Timestamp,
}

/// Looks at the data sources of the app's grants that are due, those that end first before all others. An error means
/// that their records could not be read.
pub(crate) async fn keep_alive<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    target: Option<&DeliveryTarget>,
) -> Result<AppDataSources, StoreError> {
    let wanted = kept_alive(app, cx.settings.sweep_interval);
    let mut found = AppDataSources::default();
    let mut due = Vec::new();
    let mut next = None;
    loop {
        let page = cx.store.data_sources_page(&app.name, next.as_deref(), cx.webex_deadline()).await?;
        for (id, records) in page.grants {
            match urgency(&records, &wanted, cx.now()) {
                Some(urgency) => due.push(DueGrant { id, records, urgency }),
                None => found.counts.add_records(&records, &wanted, cx.now()),
            }
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    due.sort_by(|a, b| (a.urgency, &a.id).cmp(&(b.urgency, &b.id)));
    let wanted = &wanted;
    let start = |grant: DueGrant| async move {
        let org = OrgLook { id: &grant.id, wanted, target };
        let result = look_in_time(cx, &org, &grant.records).await;
        (grant, result)
    };
    let mut results = stream::iter(due).map(start).buffer_unordered(AT_ONCE);
    while let Some((grant, result)) = results.next().await {
        match result {
            Some(Ok(look)) => found.add_look(look, wanted, cx.now()),
            Some(Err(error)) => found.add_unknown(&grant.id, &grant.records, wanted, &error, cx.now()),
            None => found.add_deferred(&grant.records, wanted, cx.now()),
        }
    }
    Ok(found)
}

/// The data sources that the sweeps are frequent enough for, by their places in the list.
pub(crate) fn kept_alive(app: &App, interval: SignedDuration) -> Vec<(u8, WantedDataSource)> {
    let mut kept = Vec::new();
    for (place, wanted) in (1..).zip(app.data_sources()) {
        if wanted.refusal(interval).is_none() {
            kept.push((place, wanted.clone()));
        }
    }
    kept
}

/// When the first data source of a grant ends, if one of them is due.
fn urgency(records: &DataSourceRecords, wanted: &[(u8, WantedDataSource)], now: Timestamp) -> Option<Timestamp> {
    let mut is_due = false;
    let mut first_end = Timestamp::MAX;
    for (place, wanted) in wanted {
        let Some(record) = records.get(place) else {
            is_due = true;
            continue;
        };
        is_due |= record.look_at(wanted) <= now;
        if let Some(ends) = record.expires_at {
            first_end = first_end.min(ends);
        }
    }
    if is_due { Some(first_end) } else { None }
}

/// `None` if there is no time left for it.
async fn look_in_time<P: Ports>(
    cx: &Context<'_, P>,
    org: &OrgLook<'_>,
    records: &DataSourceRecords,
) -> Option<Result<GrantLook, BrokerError>> {
    if !cx.webex_deadline().allows(cx.now(), ONE_GRANT) {
        return None;
    }
    Some(look::look(cx, org, records).await)
}
