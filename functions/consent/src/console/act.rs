//! Performing an operator's act on a grant.

use broker_core::broker::Liveness;
use broker_core::grant::State;
use broker_core::id::GrantId;
use broker_core::request::{RefresherRequest, Removal, Remove, Renew, Renewal, StateAnswer};
use jiff::SignedDuration;
use lambda_kit::refresher::RefresherClient;
use serde::{Deserialize, Serialize};

use super::ask;
use super::time_text::minute;
use crate::error::Error;
use crate::grant_act::GrantAct;

/// The result of an act, for the page.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActResult {
    pub(crate) is_good: bool,
    pub(crate) text: String,
}

/// Sends the command and words the answer.
pub(crate) async fn perform(
    act: GrantAct,
    refresher: &RefresherClient,
    id: &GrantId,
    time_left: SignedDuration,
) -> Result<ActResult, Error> {
    let request = request_for(act, id);
    match act {
        GrantAct::Verify => Ok(verified(&ask::perform(refresher, id, &request, time_left).await?)),
        GrantAct::Renew => Ok(renewed(&ask::perform(refresher, id, &request, time_left).await?)),
        GrantAct::Restore => Ok(restored(&ask::perform(refresher, id, &request, time_left).await?)),
        GrantAct::Unblock => Ok(unblocked(ask::perform(refresher, id, &request, time_left).await?)),
        GrantAct::Remove | GrantAct::Block => {
            let removal = ask::perform(refresher, id, &request, time_left).await?;
            Ok(removed(act, &removal))
        }
    }
}

fn request_for(act: GrantAct, id: &GrantId) -> RefresherRequest {
    let id = id.clone();
    match act {
        GrantAct::Verify => RefresherRequest::Verify(id),
        GrantAct::Renew => {
            RefresherRequest::Renew(Renew { id, if_sha256: None, reason: None, deadline: None, force: true })
        }
        GrantAct::Restore => RefresherRequest::Restore(id),
        GrantAct::Unblock => RefresherRequest::Unblock(id),
        GrantAct::Remove => RefresherRequest::Remove(Remove { id, block: false }),
        GrantAct::Block => RefresherRequest::Remove(Remove { id, block: true }),
    }
}

fn removed(act: GrantAct, removal: &Removal) -> ActResult {
    let mut text = match act {
        GrantAct::Block => "The grant was removed and stays out until it is unblocked.".to_owned(),
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
