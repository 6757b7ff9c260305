//! The acts of an operator on a grant.

use broker_core::broker::Liveness;
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::request::{GrantStatus, RefresherRequest, Removal, Remove, Renew, Renewal, ShownState, StateAnswer};
use jiff::SignedDuration;
use lambda_kit::refresher::RefresherClient;
use serde::{Deserialize, Serialize};

use super::ask;
use super::time_text::minute;
use crate::error::Error;

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

/// The result of an act, for the page.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActResult {
    pub(crate) is_good: bool,
    pub(crate) text: String,
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

    /// Sends the command and words the answer.
    pub(crate) async fn perform(
        self,
        refresher: &RefresherClient,
        id: &GrantId,
        time_left: SignedDuration,
    ) -> Result<ActResult, Error> {
        let request = self.request(id);
        match self {
            Self::Verify => Ok(verified(&ask::perform(refresher, id, &request, time_left).await?)),
            Self::Renew => Ok(renewed(&ask::perform(refresher, id, &request, time_left).await?)),
            Self::Restore => Ok(restored(&ask::perform(refresher, id, &request, time_left).await?)),
            Self::Unblock => Ok(unblocked(ask::perform(refresher, id, &request, time_left).await?)),
            Self::Remove | Self::Block => {
                let removal = ask::perform(refresher, id, &request, time_left).await?;
                Ok(self.removed(&removal))
            }
        }
    }

    fn request(self, id: &GrantId) -> RefresherRequest {
        let id = id.clone();
        match self {
            Self::Verify => RefresherRequest::Verify(id),
            Self::Renew => {
                RefresherRequest::Renew(Renew { id, if_sha256: None, reason: None, deadline: None, force: true })
            }
            Self::Restore => RefresherRequest::Restore(id),
            Self::Unblock => RefresherRequest::Unblock(id),
            Self::Remove => RefresherRequest::Remove(Remove { id, block: false }),
            Self::Block => RefresherRequest::Remove(Remove { id, block: true }),
        }
    }

    fn removed(self, removal: &Removal) -> ActResult {
        let mut text = match self {
            Self::Block => "The grant was removed and stays out until it is unblocked.".to_owned(),
            _ => "The grant was removed.".to_owned(),
        };
        if removal.revoked_at_webex {
            text.push_str(" Webex has revoked the authorisation too.");
        }
        if let Some(detail) = &removal.detail {
            text.push_str(" Still to do: ");
            text.push_str(detail);
            text.push('.');
        }
        ActResult { is_good: true, text }
    }
}

fn verified(liveness: &Liveness) -> ActResult {
    let (is_good, text) = match (liveness.alive, liveness.expires_at) {
        (Some(true), Some(ends)) => (true, format!("Webex accepts the access token. It expires on {}.", minute(ends))),
        (Some(true), None) => (true, "Webex accepts the access token.".to_owned()),
        (Some(false), _) => (false, "Webex refuses the access token. Renew the grant.".to_owned()),
        (None, _) => (false, "Webex gave no verdict about the access token. Try again in a minute.".to_owned()),
    };
    ActResult { is_good, text }
}

fn renewed(renewal: &Renewal) -> ActResult {
    if !renewal.renewed {
        let text = format!("The pair was not renewed. The grant is {}.", state_word(renewal.state));
        return ActResult { is_good: false, text };
    }
    let text = match renewal.expires_at {
        Some(ends) => format!("The grant has a new token pair. Its access token expires on {}.", minute(ends)),
        None => "The grant has a new token pair.".to_owned(),
    };
    ActResult { is_good: true, text }
}

fn restored(renewal: &Renewal) -> ActResult {
    let is_good = renewal.state == State::Active;
    let text = if is_good {
        "The grant is active again.".to_owned()
    } else {
        format!("The grant could not be taken back yet. It is {}.", state_word(renewal.state))
    };
    ActResult { is_good, text }
}

fn unblocked(answer: StateAnswer) -> ActResult {
    let text = match answer.state {
        State::Active => "The block is lifted, and the grant is active again.",
        State::Pending => "The block is lifted. Each sweep asks Webex whether the organisation is authorised.",
        _ => "The block is lifted. The grant has ended: a new consent or authorisation brings it back.",
    };
    ActResult { is_good: true, text: text.to_owned() }
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Active => "active",
        State::Fenced => "fenced",
        State::Revoked => "ended",
    }
}
