//! The store of apps, webhook keys and grants.

mod error;

use std::collections::BTreeMap;
use std::future::Future;

use jiff::Timestamp;

use super::{GrantsPage, GrantsPart};
use crate::app::{App, WebhookSecrets};
use crate::app_state::AppState;
use crate::clock::Deadline;
use crate::data_sources::DataSourceRecords;
use crate::grant::Grant;
use crate::id::{AppName, GrantId};
use crate::mark::Mark;

pub use error::StoreError;

/// Which version of a record was read: what a write replaces, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);

/// A grant and the version it was read from.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The record.
    pub grant: Grant,
    /// Its version.
    pub version: Version,
}

/// The result of looking up one record.
#[derive(Debug, Clone)]
pub enum Found<T> {
    /// No record, and none that is scheduled for deletion.
    Absent,
    /// A record that is scheduled for deletion. It can be read only after [`Store::restore`].
    Retired,
    /// A readable record.
    Live(Box<T>),
}

/// A record that waits for deletion although it is not revoked, or that was withheld and has no fence yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The grant.
    pub id: GrantId,
    /// When it was fenced, if the deletion stands in for a fence.
    pub fenced_at: Option<Timestamp>,
    /// Whether it can be read, because it was taken back from deletion and nothing was written since.
    pub is_readable: bool,
}

/// A record that was retired: its secret is scheduled for deletion, and its content cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetiredRecord {
    /// The grant.
    pub id: GrantId,
    /// When the deletion was scheduled.
    pub retired_at: Option<Timestamp>,
    /// Whether it is known to be revoked, or withheld.
    pub has_ended: bool,
}

/// One page of all records of an app.
#[derive(Debug, Clone)]
pub struct RecordsPage {
    /// The records that could be read.
    pub live: Vec<Stored>,
    /// The retired ones.
    pub retired: Vec<RetiredRecord>,
    /// The records that could not be read; they are left untouched.
    pub unreadable: Vec<Unreadable>,
    /// What is known about data sources, by grant.
    pub data_sources: BTreeMap<GrantId, DataSourceRecords>,
    /// The store's token for the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Everything under a prefix, as far as it could be read.
#[derive(Debug)]
pub struct Scan<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What was there and could not be read; it is left untouched.
    pub unreadable: Vec<Unreadable>,
    /// Why the scan ended early, if it did.
    pub cut_short: Option<StoreError>,
}

/// A document that is there and cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The secret's name without the deployment's prefix, such as `grants/reports/default`.
    pub name: String,
    /// What is wrong with it, without quoting its content.
    pub reason: String,
}

impl Unreadable {
    /// The grant whose record it is, if it is one.
    pub fn grant(&self) -> Option<GrantId> {
        GrantId::parse(self.name.strip_prefix("grants/")?).ok()
    }
}

/// The store port. Every write names the version it replaces; a lost race is [`StoreError::Conflict`].
///
/// Transient failures are retried inside, reads within the SDK's policy and writes until `deadline` with one idempotency
/// token, so that a write whose answer was lost is not done twice.
pub trait Store: Send + Sync {
    /// The app of that name; `None` if the operator has not described it.
    fn app(&self, name: &AppName) -> impl Future<Output = Result<Option<App>, StoreError>> + Send;

    /// All apps, in the fewest calls.
    fn apps(&self, deadline: Deadline) -> impl Future<Output = Result<Scan<App>, StoreError>> + Send;

    /// The keys that sign one app's webhooks; `None` if the operator has not stored any.
    fn webhook_secrets(
        &self,
        name: &AppName,
    ) -> impl Future<Output = Result<Option<WebhookSecrets>, StoreError>> + Send;

    /// Gives the grants of `part` that are not retired to `see`, page by page, in the fewest calls. Returns why the listing
    /// ended early, if it did. An error means that not one page could be read.
    fn list_grants(
        &self,
        part: &GrantsPart,
        see: &mut (dyn FnMut(GrantsPage) + Send),
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<StoreError>, StoreError>> + Send;

    /// The record of one grant, strongly consistent.
    fn load(&self, id: &GrantId) -> impl Future<Output = Result<Found<Stored>, StoreError>> + Send;

    /// Writes a grant that did not exist. [`StoreError::Conflict`] if there is one by now, retired ones included.
    fn create(&self, grant: &Grant, deadline: Deadline) -> impl Future<Output = Result<Version, StoreError>> + Send;

    /// Replaces exactly the version `read`.
    fn replace(
        &self,
        grant: &Grant,
        read: &Version,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send;

    /// Like [`Store::replace`], for the mark of a renewal that begins. Of any number of claims over one version, only one
    /// costs a version; the others are [`StoreError::Conflict`], for some seconds even if the first one crashed halfway.
    fn claim(
        &self,
        grant: &Grant,
        read: &Version,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Version, StoreError>> + Send;

    /// Schedules a revoked record for deletion (7 days). [`StoreError::Conflict`] if it is no longer revoked.
    fn retire(&self, id: &GrantId, deadline: Deadline) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a retired record back; doing so twice is no error.
    fn restore(&self, id: &GrantId, deadline: Deadline) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Stops a record from being read although it takes no more versions: notes `fenced_at` beside it and schedules it for
    /// deletion (7 days), whatever it holds.
    fn withhold(
        &self,
        id: &GrantId,
        fenced_at: Timestamp,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Schedules a record for deletion again that has the note of [`Store::withhold`]. Leaves others as they are.
    fn withhold_again(&self, id: &GrantId, deadline: Deadline) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes the note of [`Store::withhold`], once the fence is in the record.
    fn end_withholding(&self, id: &GrantId, deadline: Deadline) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The records of `part` that wait for deletion although they are not revoked: an authorisation came just before the
    /// deletion, or [`Store::withhold`] scheduled it. Records with its note are among them even if they no longer wait.
    fn scheduled_in_error(
        &self,
        part: &GrantsPart,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Vec<Scheduled>, StoreError>> + Send;

    /// One page of an app's records, retired ones included, for operators. `None` if `next` is no token of an earlier
    /// page.
    fn records_page(
        &self,
        app: &AppName,
        next: Option<&str>,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Option<RecordsPage>, StoreError>> + Send;

    /// The states of the apps, as far as sweeps have saved them.
    fn app_states(
        &self,
        deadline: Deadline,
    ) -> impl Future<Output = Result<BTreeMap<AppName, AppState>, StoreError>> + Send;

    /// Saves the state of an app, in its first place or over the one before. It makes no version of a secret.
    fn save_app_state(
        &self,
        app: &AppName,
        state: &AppState,
        is_first: bool,
        deadline: Deadline,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The mark of an app; `None` if it has none that can be trusted.
    fn mark(&self, app: &AppName) -> impl Future<Output = Result<Option<Mark>, StoreError>> + Send;

    /// Gives the app a mark that it never had. It makes no version of a secret.
    fn move_mark(&self, app: &AppName, deadline: Deadline) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The version before the current one, if it is still kept and readable.
    fn previous(&self, id: &GrantId) -> impl Future<Output = Result<Option<Grant>, StoreError>> + Send;

    /// Moves records of an app that nobody has written for a while to where storage costs less. For reads and writes
    /// nothing changes. Returns how many were moved. A store with one kind of storage moves none.
    fn pack(
        &self,
        _app: &AppName,
        _quiet: Vec<Stored>,
        _deadline: Deadline,
    ) -> impl Future<Output = Result<u32, StoreError>> + Send {
        std::future::ready(Ok(0))
    }

    /// Undoes [`Store::pack`] for an app. Returns how many records were moved back.
    fn unpack(&self, _app: &AppName, _deadline: Deadline) -> impl Future<Output = Result<u32, StoreError>> + Send {
        std::future::ready(Ok(0))
    }
}
