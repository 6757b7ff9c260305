//! `restore`: the way back for a grant that was retired.

use jiff::Timestamp;

use super::new_pair::{blocked_by_fence, refuse_fenced, store_pair};
use crate::app::App;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{State, TransitionKind};
use crate::id::GrantId;
use crate::pair::Pair;
use crate::port::{Found, Store as _, Stored, Webex as _};
use crate::renewal::mint;
use crate::request::Renewal;

/// Takes a retired grant out of deletion. The pair that stood before it was retired is proved by a refresh; if that
/// fails, a new pair is minted. If neither works, the grant is retired again.
pub(crate) async fn restore<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<Renewal, BrokerError> {
    let asked_at = cx.now();
    let app = cx.load_app(&id.app).await?;
    let stored = match cx.records().restore(id).await? {
        Found::Live(stored) => *stored,
        Found::Absent | Found::Retired => return Err(BrokerError::NotFound(id.clone())),
    };
    if stored.grant.blocked {
        return Err(BrokerError::Blocked(id.clone()));
    }
    if stored.grant.state != State::Revoked {
        return Ok(Renewal::of(&stored.grant, false));
    }
    match new_pair(cx, &app, &stored, asked_at).await {
        Ok(pair) => {
            let grant =
                store_pair(cx, id, pair, TransitionKind::Restored, |grant| refuse_fenced(cx, grant, asked_at)).await?;
            Ok(Renewal::of(&grant, true))
        }
        Err(error) => {
            cx.records().retire(id).await?;
            Err(error)
        }
    }
}

async fn new_pair<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    stored: &Stored,
    asked_at: Timestamp,
) -> Result<Pair, BrokerError> {
    let id = &stored.grant.id;
    if blocked_by_fence(cx, &stored.grant, asked_at) {
        return Err(BrokerError::Fenced(id.clone()));
    }
    let previous = match cx.store.previous(id).await? {
        Some(grant) => grant.pair,
        None => None,
    };
    if let Some(pair) = previous
        && let Some(refresh_token) = &pair.refresh_token
        && let Ok(response) = cx.webex.refresh(&app.client, refresh_token, cx.webex_deadline()).await
    {
        return Ok(Pair::from_response(response, Some(&pair), cx.now()));
    }
    let response = mint(cx, app, id).await?;
    Ok(Pair::from_response(response, None, cx.now()))
}
