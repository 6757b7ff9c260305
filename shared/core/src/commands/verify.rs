//! `verify`: whether the stored access token lives.

use jiff::Timestamp;
use serde::Serialize;

use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::{Found, Webex as _};

/// Webex's answer about a stored access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Liveness {
    /// Whether the token lives; null if Webex gave no verdict.
    pub alive: Option<bool>,
    /// When the token ends, according to Webex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Asks Webex whether the stored access token lives, whatever the grant's state. Only a 401 of Webex's means dead.
pub(crate) async fn verify<P: Ports>(cx: &Context<'_, P>, id: &GrantId) -> Result<Liveness, BrokerError> {
    let Found::Live(stored) = cx.records().load(id).await? else {
        return Err(BrokerError::NotFound(id.clone()));
    };
    let Some(pair) = stored.grant.pair else {
        return Err(BrokerError::Invalid("the grant holds no access token at present"));
    };
    Ok(match cx.webex.token_expiry(&pair.access_token, cx.webex_deadline()).await {
        Ok(expires_at) => Liveness { alive: Some(expires_at > cx.now()), expires_at: Some(expires_at) },
        Err(error) if error.is_unauthorized() => Liveness { alive: Some(false), expires_at: None },
        Err(_) => Liveness { alive: None, expires_at: None },
    })
}
