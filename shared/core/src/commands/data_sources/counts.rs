//! The counts of an app's data sources, and what an operator is told about them.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::findings::{DataSourceProblem, GrantLook};
use crate::app_state::DataSourceSummary;
use crate::data_sources::{DataSourceRecords, WantedDataSource};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::schedule::sooner;

/// The data sources of one app after a sweep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DataSourceCounts {
    /// Registered or renewed.
    pub renewed: u32,
    /// Whose registration or renewal fails. They work until their JWS ends.
    pub failing: u32,
    /// Disabled by Webex or by an administrator.
    pub disabled: u32,
    /// With less than a quarter of their life left, those that have ended included.
    pub ending: u32,
    /// Grants left to the next sweep.
    pub deferred: u32,
    /// Life left in the one that ends first.
    #[serde(skip)]
    pub oldest: Option<SignedDuration>,
}

/// The result for one app.
#[derive(Debug, Default)]
pub(crate) struct AppDataSources {
    pub(crate) counts: DataSourceCounts,
    pub(crate) problems: Vec<DataSourceProblem>,
}

impl DataSourceCounts {
    /// Adds the counts of another app.
    pub(crate) fn add(&mut self, other: &Self) {
        self.renewed += other.renewed;
        self.failing += other.failing;
        self.disabled += other.disabled;
        self.ending += other.ending;
        self.deferred += other.deferred;
        self.oldest = sooner(self.oldest, other.oldest);
    }

    /// What operators see of it between sweeps.
    pub(crate) fn summary(&self) -> DataSourceSummary {
        DataSourceSummary { failing: self.failing, ending: self.ending, disabled: self.disabled }
    }

    pub(super) fn add_records(
        &mut self,
        records: &DataSourceRecords,
        wanted: &[(u8, WantedDataSource)],
        now: Timestamp,
    ) {
        for (place, wanted) in wanted {
            let Some(record) = records.get(place) else { continue };
            self.failing += u32::from(record.failure.is_some());
            self.disabled += u32::from(record.is_disabled);
            let Some(left) = record.remaining(now) else { continue };
            self.ending += u32::from(left < wanted.lifetime() / 4);
            self.oldest = sooner(self.oldest, Some(left));
        }
    }
}

impl AppDataSources {
    pub(super) fn add_look(&mut self, look: GrantLook, wanted: &[(u8, WantedDataSource)], now: Timestamp) {
        self.counts.renewed += look.renewed;
        self.counts.add_records(&look.records, wanted, now);
        self.problems.extend(look.problems);
    }

    /// Adds a grant whose record could not be read.
    pub(super) fn add_unknown(
        &mut self,
        id: &GrantId,
        records: &DataSourceRecords,
        wanted: &[(u8, WantedDataSource)],
        error: &BrokerError,
        now: Timestamp,
    ) {
        self.counts.add_records(records, wanted, now);
        self.counts.deferred += 1;
        let reason = format!("the data sources of {id} were left to the next sweep: {}", error.words());
        let (code, tracking_id) = (error.code(), error.tracking_id());
        self.problems.push(DataSourceProblem { id: id.clone(), code, tracking_id, reason });
    }

    pub(super) fn add_deferred(
        &mut self,
        records: &DataSourceRecords,
        wanted: &[(u8, WantedDataSource)],
        now: Timestamp,
    ) {
        self.counts.add_records(records, wanted, now);
        self.counts.deferred += 1;
    }
}
