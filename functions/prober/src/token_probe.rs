//! The question of the allowed caller: does vend give a token, and does Webex accept it?

use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use broker_core::port::{Webex, WebexError};
use broker_core::token::AccessToken;
use broker_core::verdict::TokenVerdict;
use client::Error;
use jiff::{SignedDuration, Timestamp};
use webex::WebexApi;

use crate::caller::VendAccess;

/// Time for Webex, with the retries of the adapter. A passing failure of Webex is not reported.
const WEBEX_TIME: SignedDuration = SignedDuration::from_secs(20);

/// What became of the request for a token.
#[derive(Debug)]
pub(crate) enum TokenProbe {
    /// Vend gave a token, and Webex accepts it until then.
    Alive(Timestamp),
    /// Vend was asked and gave no token.
    NoToken(Error),
    /// Vend gave a token that Webex refuses, or that has ended.
    Dead(Option<WebexError>),
    /// Vend gave a token, and Webex said nothing about it: Webex is down, or the answer is not Webex's.
    WebexFailed(WebexError),
    /// Vend was not asked, because the request could not be signed.
    NotAsked(Error),
}

/// Asks vend, then Webex.
pub(crate) async fn run<C: Clock>(
    vend: &VendAccess<C>,
    webex: &WebexApi<C>,
    grant: &GrantId,
    deadline: Deadline,
) -> TokenProbe {
    let answer = match vend.own_role() {
        Ok(caller) => vend.ask(caller, grant).await,
        Err(error) => Err(error),
    };
    let token = match answer {
        Ok(token) => AccessToken::new(token.expose()),
        Err(error @ (Error::Identity(_) | Error::Address)) => return TokenProbe::NotAsked(error),
        Err(error) => return TokenProbe::NoToken(error),
    };
    let deadline = deadline.min(Deadline::at(vend.clock.now() + WEBEX_TIME));
    let verdict = TokenVerdict::of(webex.token_expiry(&token, deadline).await, vend.clock.now());
    let is_proven_dead = verdict.is_proven_dead();
    match verdict {
        TokenVerdict::Lives(ends) => TokenProbe::Alive(ends),
        TokenVerdict::Expired => TokenProbe::Dead(None),
        TokenVerdict::Refused(error) if is_proven_dead => TokenProbe::Dead(Some(error)),
        TokenVerdict::Refused(error) | TokenVerdict::Unknown(error) => TokenProbe::WebexFailed(error),
    }
}
