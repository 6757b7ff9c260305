//! The acts that the console offers on a grant, by name.

use broker_core::request::{GrantStatus, ShownState};
use serde::{Deserialize, Serialize};

/// One act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GrantAct {
    /// Asks Webex whether the access token lives.
    Verify,
    /// Gets a new pair, although the stored one is young.
    Renew,
    /// Takes a grant back that is fenced or has ended.
    Restore,
    /// Lets a blocked grant in again.
    Unblock,
    /// Ends the grant.
    Remove,
    /// Ends the grant and keeps it out.
    Block,
}

impl GrantAct {
    const ALL: [Self; 6] = [Self::Verify, Self::Renew, Self::Restore, Self::Unblock, Self::Remove, Self::Block];

    /// Used in paths.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Renew => "renew",
            Self::Restore => "restore",
            Self::Unblock => "unblock",
            Self::Remove => "remove",
            Self::Block => "block",
        }
    }

    pub(crate) fn find(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.key() == key)
    }

    /// The text of its button.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Verify => "Ask Webex now",
            Self::Renew => "Renew now",
            Self::Restore => "Restore",
            Self::Unblock => "Unblock",
            Self::Remove => "Remove",
            Self::Block => "Remove and block",
        }
    }

    /// The effect in a sentence, shown beside its button.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Verify => "Asks whether the access token lives. Changes nothing.",
            Self::Renew => "Gets a new token pair, although the stored one is young.",
            Self::Restore => "Asks Webex for a token pair and takes the grant back.",
            Self::Unblock => "Lets the grant in again.",
            Self::Remove => "Erases the tokens. A new authorisation brings the grant back.",
            Self::Block => "Erases the tokens and keeps the grant out until it is unblocked.",
        }
    }

    /// Whether it ends the grant, so that the operator confirms it on a page of its own.
    pub(crate) fn ends_the_grant(self) -> bool {
        matches!(self, Self::Remove | Self::Block)
    }

    /// The acts that make sense for a grant in this state. The refresher decides, whatever the page offers.
    pub(crate) fn offered(grant: &GrantStatus) -> Vec<Self> {
        let mut acts = Vec::new();
        if grant.access_token_expires_at.is_some() {
            acts.push(Self::Verify);
        }
        match grant.state {
            ShownState::Pending | ShownState::Active => acts.extend([Self::Renew, Self::Remove]),
            ShownState::Fenced => acts.extend([Self::Restore, Self::Remove]),
            ShownState::Revoked if grant.blocked => acts.push(Self::Unblock),
            ShownState::Revoked => acts.push(Self::Restore),
            ShownState::Unreadable => {}
        }
        if !grant.blocked && grant.state != ShownState::Unreadable {
            acts.push(Self::Block);
        }
        acts
    }
}
