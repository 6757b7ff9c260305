//! The data sources of a grant, as operators see them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One data source of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSourceStatus {
    /// Where Webex delivers; absent if the app no longer names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// The state.
    pub state: ShownDataSource,
    /// When Webex stops delivering unless it is renewed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// The code of the failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// Webex's tracking id of the failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tracking_id: Option<String>,
    /// When the failure began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Timestamp>,
    /// Why it was disabled, as Webex says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
}

/// The state of a data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownDataSource {
    /// Webex delivers.
    Active,
    /// Its registration or renewal fails. Webex delivers until it ends.
    Failing,
    /// Webex or an administrator has disabled it.
    Disabled,
    /// Its JWS has ended, and Webex no longer delivers.
    Ended,
}
