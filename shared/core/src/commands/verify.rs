//! `verify`: whether the stored access token lives.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::Found;
use crate::verdict::TokenVerdict;

/// Webex's answer about a stored access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    Ok(match cx.probe(&pair.access_token).await {
        TokenVerdict::Lives(ends) => Liveness { alive: Some(true), expires_at: Some(ends) },
        TokenVerdict::Expired | TokenVerdict::Refused(_) => Liveness { alive: Some(false), expires_at: None },
        TokenVerdict::Unknown(_) => Liveness { alive: None, expires_at: None },
    })
}
