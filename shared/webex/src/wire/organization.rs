//! The response with the name of an organisation.

use serde_json::Value;

use super::take_text;

/// Parses the name in the response of `GET /organizations/{id}`.
pub(crate) fn name(mut json: Value) -> Result<String, &'static str> {
    take_text(&mut json, "displayName").ok_or("there is no displayName")
}
