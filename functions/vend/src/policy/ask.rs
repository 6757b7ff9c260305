//! The question that a policy answers.

use broker_core::id::{AppName, GrantId};

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Have the token.
    Vend,
    /// Say that Webex did not take it, and have the next one.
    Reject,
    /// See an app's grants.
    List,
    /// Invite a guest.
    Guest,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Vend, Self::Reject, Self::List, Self::Guest];

    /// What the schema calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vend => "vend",
            Self::Reject => "reject",
            Self::List => "list",
            Self::Guest => "guest",
        }
    }
}

/// What it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// An app, of which there may be none of that name.
    App(&'a AppName),
    /// A grant, of which the same is true.
    Grant(&'a GrantId),
}

/// A whole question but for who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask<'a> {
    /// What is wanted.
    pub action: Action,
    /// Of what.
    pub resource: Resource<'a>,
}
