//! What a look at the data sources of a grant works on, and what it finds.

use super::webhooks::DeliveryTarget;
use crate::data_sources::{DataSourceRecords, RemoteDataSource, WantedDataSource};
use crate::id::GrantId;
use crate::token::AccessToken;

/// A failure of a data source, or one that someone has disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataSourceProblem {
    pub(crate) id: GrantId,
    pub(crate) code: String,
    pub(crate) tracking_id: Option<String>,
    pub(crate) reason: String,
}

impl DataSourceProblem {
    pub(crate) fn log(&self) {
        let Self { id, code, tracking_id, reason } = self;
        tracing::warn!(
            app = %id.app, subject = %id.subject, outcome = "data_source_failing", code,
            webex.tracking_id = tracking_id, "{reason}"
        );
    }
}

/// The result of a look.
#[derive(Debug, Default)]
pub(super) struct GrantLook {
    /// The records as they are now.
    pub(crate) records: DataSourceRecords,
    /// Data sources registered or renewed.
    pub(crate) renewed: u32,
    /// What an operator is told.
    pub(crate) problems: Vec<DataSourceProblem>,
}

/// One grant to look at.
pub(super) struct OrgLook<'a> {
    pub(super) id: &'a GrantId,
    /// What the app names, by its places in the list.
    pub(super) wanted: &'a [(u8, WantedDataSource)],
    /// Where Webex delivers events of data sources, if anywhere.
    pub(super) target: Option<&'a DeliveryTarget>,
}

/// What Webex lists for an org, and the token that it answered.
pub(super) struct OrgDataSources<'a> {
    pub(super) id: &'a GrantId,
    pub(super) token: AccessToken,
    pub(super) listed: Vec<RemoteDataSource>,
}
