//! `exchange`: what a browser brought back from Webex becomes a grant.

use jiff::Timestamp;

use super::device::not_an_integration;
use super::{Broker, BrokerError, Invocation};
use crate::clock::Clock;
use crate::grant::Grant;
use crate::id::GrantId;
use crate::pair::{Pair, TokenResponse};
use crate::port::{CodeExchange, Store, Webex};
use crate::request::Exchange;
use crate::token::AccessToken;

/// What an exchange led to.
#[derive(Debug)]
pub struct Exchanged {
    /// The grant as it stands.
    pub grant: Grant,
    /// The access token, if it was asked for and may be shown.
    pub shown: Option<AccessToken>,
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Turns an authorization code into a grant.
    pub async fn exchange(&self, run: &Invocation, request: Exchange) -> Result<Exchanged, BrokerError> {
        let app = self.described(&request.id.app).await?;
        app.integration().ok_or_else(|| not_an_integration(&app))?;
        let Exchange { id, code, redirect_uri, code_verifier, show } = request;
        let asked_at = self.clock.now();
        let exchange = CodeExchange { code, redirect_uri, code_verifier };
        let issued = self.webex.exchange(&app.client, &exchange, run.asking()).await.map_err(BrokerError::Webex)?;
        self.store_consented(run, &id, issued, asked_at, show).await
    }

    /// Stores what Webex gave for a person's consent, and hands the access token out if that is wished and allowed. The
    /// consent is newer than a fence that stood when it was `asked_at`, and ends it.
    pub(super) async fn store_consented(
        &self,
        run: &Invocation,
        id: &GrantId,
        issued: TokenResponse,
        asked_at: Timestamp,
        show: bool,
    ) -> Result<Exchanged, BrokerError> {
        let barred = |grant: &Grant| grant.fenced_at.is_some_and(|at| at > asked_at);
        let pair = Pair::from_response(issued, None, self.clock.now());
        let grant = self.store_brought(run, id, pair, barred).await?;
        let shown = grant.vendable().filter(|_| show && self.settings.show_tokens);
        Ok(Exchanged { shown: shown.map(|pair| pair.access_token.clone()), grant })
    }
}
