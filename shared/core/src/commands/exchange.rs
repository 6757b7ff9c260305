//! `exchange`: an authorization code that a browser brought back becomes a grant.

use jiff::Timestamp;

use super::new_pair::store_pair;
use super::used_link;
use crate::app::{App, Integration};
use crate::consent_link::ConsentLink;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, TransitionKind};
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::{CodeExchange, Found, Webex as _};
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

/// How a person consented.
pub(super) struct GivenConsent {
    /// When Webex was asked for the pair.
    pub(super) asked_at: Timestamp,
    /// Whether the person wants to see the access token.
    pub(super) show: bool,
    /// The link that they came by.
    pub(super) link: Option<ConsentLink>,
}

/// Turns an authorization code into a grant.
pub(crate) async fn exchange<P: Ports>(cx: &Context<'_, P>, request: Exchange) -> Result<Exchanged, BrokerError> {
    let app = cx.load_app(&request.id.app).await?;
    integration(&app)?;
    let Exchange { id, code, redirect_uri, code_verifier, show, link } = request;
    let link = match link {
        Some(token) => Some(used_link::accept(&token, &app, &id, cx.now())?),
        None => None,
    };
    refuse_early(cx, &id, link.as_ref()).await?;
    let consent = GivenConsent { asked_at: cx.now(), show: show && link.is_none(), link };
    let exchange = CodeExchange { code, redirect_uri, code_verifier };
    let response = cx.webex.exchange(&app.client, &exchange, cx.webex_deadline()).await.map_err(BrokerError::Webex)?;
    store_consented(cx, &id, response, &consent).await
}

/// Refuses what the record would refuse later, before the code is spent at Webex.
async fn refuse_early<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    link: Option<&ConsentLink>,
) -> Result<(), BrokerError> {
    match cx.records().load(id).await? {
        Found::Live(stored) if stored.grant.blocked => Err(BrokerError::Blocked(id.clone())),
        Found::Live(stored) => Ok(used_link::refuse_spent(link, &stored.grant)?),
        Found::Absent | Found::Retired => Ok(()),
    }
}

/// Stores the pair of a person's consent, and returns the access token if that is wished and allowed. The consent is
/// newer than a fence that stood when Webex was asked, and ends it.
pub(super) async fn store_consented<P: Ports>(
    cx: &Context<'_, P>,
    id: &GrantId,
    response: TokenResponse,
    consent: &GivenConsent,
) -> Result<Exchanged, BrokerError> {
    let pair = Pair::from_response(response, None, cx.now());
    let link = consent.link.as_ref();
    let check = |grant: &Grant| {
        used_link::refuse_spent(link, grant)?;
        used_link::refuse_other_org(link, grant, &pair)?;
        match grant.fenced_at {
            Some(at) if at > consent.asked_at => Err(BrokerError::Fenced(id.clone())),
            _ => Ok(()),
        }
    };
    let grant = store_pair(cx, id, pair.clone(), TransitionKind::Consented, check).await?;
    let shown = match grant.vendable() {
        Some(pair) if consent.show && cx.settings.show_tokens => Some(pair.access_token.clone()),
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
