//! The request that a policy decides on.

use broker_core::id::{AppName, GrantId};

/// What a caller wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Get the access token of a grant.
    Vend,
    /// Report a token as rejected by Webex, and get the next one.
    Reject,
    /// List the grants of an app.
    List,
    /// Create a guest.
    Guest,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 4] = [Self::Vend, Self::Reject, Self::List, Self::Guest];

    /// The name in the Cedar schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vend => "vend",
            Self::Reject => "reject",
            Self::List => "list",
            Self::Guest => "guest",
        }
    }
}

/// What the action applies to. It need not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// An app.
    App(&'a AppName),
    /// A grant.
    Grant(&'a GrantId),
}

/// A request without its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessRequest<'a> {
    /// The action.
    pub action: Action,
    /// What it applies to.
    pub resource: Resource<'a>,
}
