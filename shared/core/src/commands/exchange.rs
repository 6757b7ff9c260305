//! `exchange`: an authorization code that a browser brought back becomes a grant.

use jiff::Timestamp;

use super::new_pair::{refuse_blocked, store_pair};
use crate::app::{App, Integration};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, TransitionKind};
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::{CodeExchange, Webex as _};
use crate::request::Exchange;
use crate::token::AccessToken;

/// The result of an exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// The grant as stored.
    pub grant: Grant,
    /// The access token, if it was asked for and may be shown.
    pub shown: Option<AccessToken>,
}

/// Turns an authorization code into a grant.
pub(crate) async fn exchange<P: Ports>(cx: &Context<'_, P>, request: Exchange) -> Result<Exchanged, BrokerError> {
    let app = cx.load_app(&request.id.app).await?;
    integration(&app)?;
    refuse_blocked(cx, &request.id).await?;
    let Exchange { id, code, redirect_uri, code_verifier, show } = request;
    let asked_at = cx.now();
    let exchange = CodeExchange { code, redirect_uri, code_verifier };
    let response = cx.webex.exchange(&app.client, &exchange, cx.webex_deadline()).await.map_err(BrokerError::Webex)?;
    store_consented(cx, &id, response, asked_at, show).await
}

/// Stores the pair of a person's consent, and returns the access token if that is wished and allowed. The consent is
/// newer than a fence that stood when it was `asked_at`, and ends it.
pub(super) async fn store_consented<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    response: TokenResponse,
    asked_at: Timestamp,
    show: bool,
) -> Result<Exchanged, BrokerError> {
    let pair = Pair::from_response(response, None, cx.now());
    let is_fenced = |grant: &Grant| match grant.fenced_at {
        Some(at) => at > asked_at,
        None => false,
    };
    let grant = store_pair(cx, id, pair, TransitionKind::Consented, is_fenced).await?;
    let shown = match grant.vendable() {
        Some(pair) if show && cx.settings.show_tokens => Some(pair.access_token.clone()),
        _ => None,
    };
    Ok(Exchanged { grant, shown })
}

/// The Integration that `app` is.
pub(super) fn integration(app: &App) -> Result<&Integration, BrokerError> {
    match app.integration() {
        Some(integration) => Ok(integration),
        None => Err(BrokerError::WrongKind { app: app.name.clone(), wanted: "an Integration" }),
    }
}
