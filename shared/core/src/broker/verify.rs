//! `verify`: does the stored token live?

use jiff::Timestamp;
use serde::Serialize;

use super::{Broker, BrokerError, Invocation};
use crate::clock::Clock;
use crate::id::GrantId;
use crate::port::{Found, Store, Webex};

/// What Webex says about a stored access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Liveness {
    /// True or false if Webex said so; null if it gave no answer.
    pub alive: Option<bool>,
    /// When the token ends, according to Webex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Asks Webex whether the stored access token lives, whatever the grant's state. Only 401 means dead; anything that
    /// is no answer is null.
    pub async fn verify(&self, run: &Invocation, id: &GrantId) -> Result<Liveness, BrokerError> {
        let Found::Live(stored) = self.vault.load(id).await? else {
            return Err(BrokerError::NotFound(id.clone()));
        };
        let pair = stored.grant.pair.ok_or(BrokerError::Invalid("the grant holds no access token at present"))?;
        Ok(match self.webex.token_expiry(&pair.access_token, run.asking()).await {
            Ok(expires_at) => Liveness { alive: Some(expires_at > self.clock.now()), expires_at: Some(expires_at) },
            Err(error) if error.is_unauthorized() => Liveness { alive: Some(false), expires_at: None },
            Err(_) => Liveness { alive: None, expires_at: None },
        })
    }
}
