//! The response that starts a device flow.

use broker_core::port::DeviceAuthorization;
use broker_core::token::DeviceCode;
use serde_json::Value;

use super::{lifetime, take_text};

/// Parses a device authorization response (RFC 8628 section 3.2).
pub(crate) fn authorization(mut json: Value) -> Result<DeviceAuthorization, &'static str> {
    Ok(DeviceAuthorization {
        device_code: DeviceCode::new(take_text(&mut json, "device_code").ok_or("there is no device_code")?),
        user_code: take_text(&mut json, "user_code").ok_or("there is no user_code")?,
        verification_uri: take_text(&mut json, "verification_uri").ok_or("there is no verification_uri")?,
        verification_uri_complete: take_text(&mut json, "verification_uri_complete"),
        expires_in: lifetime(&json, "expires_in").ok_or("expires_in is not a lifetime")?,
        interval: lifetime(&json, "interval"),
    })
}
