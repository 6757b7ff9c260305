//! How operators end grants.

use serde::{Deserialize, Serialize};

use crate::grant::State;
use crate::id::{AppName, GrantId};

/// Removes a grant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remove {
    /// The grant.
    #[serde(flatten)]
    pub id: GrantId,
    /// Whether it stays out, whatever events or the app's `orgs` say.
    #[serde(default)]
    pub block: bool,
}

/// The result of a removal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The grant's state now.
    pub state: State,
    /// Whether Webex has revoked the authorisation too.
    pub revoked_at_webex: bool,
    /// The steps that are left to a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Removes an app.
#[derive(Debug, Clone, Deserialize)]
pub struct RemoveApp {
    /// The app.
    pub app: AppName,
    /// The app's name once more, because this ends all of its grants.
    pub confirm: String,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppRemoval {
    /// Grants that this command ended.
    pub removed: u32,
    /// Grants that are left at least; send the command again until there are none.
    pub left: u32,
    /// The steps that are left to a person, in this order.
    pub next_steps: Vec<String>,
}
