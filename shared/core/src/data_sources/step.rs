//! What is to be done about one data source, from what Webex lists.

use jiff::Timestamp;

use super::{DataSourceRecord, RemoteDataSource, WantedDataSource};

/// What is to be done about one data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataSourceStep {
    /// There is none of the broker's own.
    Register,
    /// Half of its life is over, or it differs from its description: a new nonce and the whole body.
    Renew,
    /// Nothing: it is right, and another sweep may have renewed it.
    Keep,
    /// Nothing: someone disabled it, and the description does not say `reactivate`.
    LeaveDisabled,
}

/// The broker's own data source among those `listed`: the one with the id of the record, or else the one with the same
/// URL and subject. Of several, that with the least id, so that all sweeps choose the same.
pub fn find<'a>(
    listed: &'a [RemoteDataSource],
    wanted: &WantedDataSource,
    record: Option<&DataSourceRecord>,
) -> Option<&'a RemoteDataSource> {
    let known_id = record.and_then(|record| record.id.as_deref());
    let by_id = listed.iter().find(|found| Some(found.id.as_str()) == known_id && has_schema(found, wanted));
    by_id.or_else(|| listed.iter().filter(|found| is_own(found, wanted)).min_by_key(|found| &found.id))
}

/// Others like the one that is `kept`: two sweeps that raced may have registered one each.
pub fn duplicates_of<'a>(
    kept: &str,
    listed: &'a [RemoteDataSource],
    wanted: &WantedDataSource,
) -> Vec<&'a RemoteDataSource> {
    listed.iter().filter(|found| found.id != kept && is_own(found, wanted)).collect()
}

/// What is to be done now.
pub fn step_for(found: Option<&RemoteDataSource>, wanted: &WantedDataSource, now: Timestamp) -> DataSourceStep {
    let Some(found) = found else { return DataSourceStep::Register };
    if !found.is_active {
        return if wanted.reactivate { DataSourceStep::Renew } else { DataSourceStep::LeaveDisabled };
    }
    if differs(found, wanted) {
        return DataSourceStep::Renew;
    }
    match found.credible_expiry(wanted.lifetime(), now) {
        Some(ends) if ends.duration_since(now) > wanted.lifetime() / 2 => DataSourceStep::Keep,
        _ => DataSourceStep::Renew,
    }
}

fn is_own(found: &RemoteDataSource, wanted: &WantedDataSource) -> bool {
    found.url == wanted.url && found.subject == wanted.subject && has_schema(found, wanted)
}

/// A data source that states no schema has any.
fn has_schema(found: &RemoteDataSource, wanted: &WantedDataSource) -> bool {
    match &found.schema_id {
        Some(schema) => *schema == wanted.schema_id,
        None => true,
    }
}

/// What Webex does not state does not differ.
fn differs(found: &RemoteDataSource, wanted: &WantedDataSource) -> bool {
    let has_other_audience = match &found.audience {
        Some(audience) => *audience != wanted.audience,
        None => false,
    };
    has_other_audience || found.url != wanted.url || found.subject != wanted.subject
}
