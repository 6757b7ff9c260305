//! The data sources of a grant in a status.

use jiff::Timestamp;

use crate::data_sources::{DataSourceRecord, DataSourceRecords, WantedDataSource};
use crate::request::{DataSourceStatus, ShownDataSource};

/// The data sources with a record, by their places in the app's list.
pub(super) fn shown(records: &DataSourceRecords, wanted: &[WantedDataSource], now: Timestamp) -> Vec<DataSourceStatus> {
    let mut shown = Vec::new();
    for (place, record) in records {
        let wanted = wanted.get(usize::from(*place).saturating_sub(1));
        let failure = record.failure.as_ref();
        shown.push(DataSourceStatus {
            url: wanted.map(|wanted| wanted.url.clone()),
            state: state_of(record, now),
            expires_at: record.expires_at,
            code: failure.map(|failure| failure.code.clone()),
            tracking_id: failure.and_then(|failure| failure.tracking_id.clone()),
            since: failure.map(|failure| failure.since),
            message: record.message.clone(),
        });
    }
    shown
}

fn state_of(record: &DataSourceRecord, now: Timestamp) -> ShownDataSource {
    if record.is_disabled {
        return ShownDataSource::Disabled;
    }
    match record.expires_at {
        Some(ends) if ends <= now => ShownDataSource::Ended,
        _ if record.failure.is_some() => ShownDataSource::Failing,
        _ => ShownDataSource::Active,
    }
}
