//! `device_start` and `device_poll`: consent where there is no redirect URI that a browser could be sent to yet.

use serde::Deserialize;

use super::{Broker, BrokerError, Exchanged, Invocation};
use crate::app::App;
use crate::clock::Clock;
use crate::id::GrantId;
use crate::port::{DeviceAuthorization, Store, Webex};
use crate::token::DeviceCode;
use crate::verdict::DeviceVerdict;

/// Begin the device flow (RFC 8628) for one grant.
#[derive(Debug, Deserialize)]
pub struct DeviceStart {
    /// Which grant it is to make.
    #[serde(flatten)]
    pub id: GrantId,
    /// The scopes, separated by blanks; only for an Integration that has no static ones.
    #[serde(default)]
    pub scope: Option<String>,
}

/// Ask once whether the person has consented.
#[derive(Debug, Deserialize)]
pub struct DevicePoll {
    /// Which grant it is to make.
    #[serde(flatten)]
    pub id: GrantId,
    /// From the answer to the start.
    pub device_code: DeviceCode,
}

/// What a poll found.
#[derive(Debug)]
pub enum DevicePolled {
    /// Nobody has decided yet.
    Waiting {
        /// Wait 5 seconds longer between two polls from now on (RFC 8628 section 3.5).
        slow_down: bool,
    },
    /// They have consented, and the grant is stored.
    Granted(Box<Exchanged>),
}

impl<V: Store, W: Webex, C: Clock> Broker<V, W, C> {
    /// Asks Webex for the codes. Nothing is kept: whoever asks keeps the device code until the poll that brings the pair.
    pub async fn device_start(
        &self,
        run: &Invocation,
        request: &DeviceStart,
    ) -> Result<DeviceAuthorization, BrokerError> {
        let app = self.described(&request.id.app).await?;
        let fixed = app.integration().ok_or_else(|| not_an_integration(&app))?.scopes.as_deref();
        let scope = scope(fixed, request.scope.as_deref()).map_err(BrokerError::Invalid)?;
        self.webex.device_authorize(&app.client, &scope, run.asking()).await.map_err(BrokerError::Webex)
    }

    /// Asks Webex once, and stores the pair if somebody has consented.
    pub async fn device_poll(&self, run: &Invocation, request: &DevicePoll) -> Result<DevicePolled, BrokerError> {
        let app = self.described(&request.id.app).await?;
        app.integration().ok_or_else(|| not_an_integration(&app))?;
        let asked_at = self.clock.now();
        match self.webex.device_token(&app.client, &request.device_code, run.asking()).await {
            Ok(issued) => {
                let granted = self.store_consented(run, &request.id, issued, asked_at, false).await?;
                Ok(DevicePolled::Granted(Box::new(granted)))
            }
            Err(error) => match error.device_verdict() {
                DeviceVerdict::Waiting => Ok(DevicePolled::Waiting { slow_down: false }),
                DeviceVerdict::SlowDown => Ok(DevicePolled::Waiting { slow_down: true }),
                DeviceVerdict::Over => Err(BrokerError::Webex(error)),
            },
        }
    }
}

pub(super) fn not_an_integration(app: &App) -> BrokerError {
    BrokerError::WrongKind { app: app.name.clone(), wanted: "an Integration" }
}

/// The fixed scopes, or else the chosen ones.
fn scope(fixed: Option<&[String]>, chosen: Option<&str>) -> Result<String, &'static str> {
    match (fixed, chosen) {
        (Some(fixed), None) => Ok(fixed.join(" ")),
        (None, Some(chosen)) if !chosen.trim().is_empty() => Ok(chosen.trim().to_owned()),
        (Some(_), Some(_)) => Err("the app's scopes are fixed in its secret: leave scope out"),
        (None, _) => Err("the app has no fixed scopes: name some in scope, separated by blanks"),
    }
}
