//! `device_start` and `device_poll`: consent where no redirect URI leads a browser back yet (RFC 8628).

use serde::Deserialize;

use super::exchange::{Exchanged, GivenConsent, integration, store_consented};
use super::new_pair::refuse_blocked;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::id::GrantId;
use crate::port::{DeviceAuthorization, Webex as _};
use crate::token::DeviceCode;
use crate::verdict::DeviceVerdict;

/// Begins the device flow for one grant.
#[derive(Debug, Deserialize)]
pub struct DeviceStart {
    /// The grant that the consent makes.
    #[serde(flatten)]
    pub id: GrantId,
    /// The scopes, separated by blanks; only for an Integration without static ones.
    #[serde(default)]
    pub scope: Option<String>,
}

/// Asks once whether the person has consented.
#[derive(Debug, Deserialize)]
pub struct DevicePoll {
    /// The grant that the consent makes.
    #[serde(flatten)]
    pub id: GrantId,
    /// From the answer to the start.
    pub device_code: DeviceCode,
}

/// The result of a poll.
#[derive(Debug)]
pub enum DevicePolled {
    /// The person has not decided yet.
    Waiting {
        /// Wait 5 seconds longer between two polls from now on (RFC 8628 section 3.5).
        slow_down: bool,
    },
    /// The person has consented, and the grant is stored.
    Granted(Box<Exchanged>),
}

/// Asks Webex for the codes. Nothing is stored: the operator keeps the device code until a poll brings the pair.
pub(crate) async fn device_start<P: Ports>(
    cx: &Context<'_, P>,
    request: &DeviceStart,
) -> Result<DeviceAuthorization, BrokerError> {
    let app = cx.load_app(&request.id.app).await?;
    let static_scopes = integration(&app)?.scopes.as_deref();
    let scope = scope_to_ask(static_scopes, request.scope.as_deref()).map_err(BrokerError::Invalid)?;
    cx.webex.device_authorize(&app.client, &scope, cx.webex_deadline()).await.map_err(BrokerError::Webex)
}

/// Asks Webex once, and stores the pair if the person has consented.
pub(crate) async fn device_poll<P: Ports>(
    cx: &Context<'_, P>,
    request: &DevicePoll,
) -> Result<DevicePolled, BrokerError> {
    let app = cx.load_app(&request.id.app).await?;
    integration(&app)?;
    refuse_blocked(cx, &request.id).await?;
    let asked_at = cx.now();
    let error = match cx.webex.device_token(&app.client, &request.device_code, cx.webex_deadline()).await {
        Ok(response) => {
            let consent = GivenConsent { asked_at, show: false, link: None };
            let granted = store_consented(cx, &request.id, response, &consent).await?;
            return Ok(DevicePolled::Granted(Box::new(granted)));
        }
        Err(error) => error,
    };
    match error.device_verdict() {
        DeviceVerdict::Waiting => Ok(DevicePolled::Waiting { slow_down: false }),
        DeviceVerdict::SlowDown => Ok(DevicePolled::Waiting { slow_down: true }),
        DeviceVerdict::Over => Err(BrokerError::Webex(error)),
    }
}

/// The static scopes, or else the chosen ones.
pub(super) fn scope_to_ask(static_scopes: Option<&[String]>, chosen: Option<&str>) -> Result<String, &'static str> {
    match (static_scopes, chosen) {
        (Some(scopes), None) => Ok(scopes.join(" ")),
        (None, Some(chosen)) if !chosen.trim().is_empty() => Ok(chosen.trim().to_owned()),
        (Some(_), Some(_)) => Err("the app's secret fixes the scopes: leave scope out"),
        (None, _) => Err("the app's secret fixes no scopes: name some in scope, separated by blanks"),
    }
}
