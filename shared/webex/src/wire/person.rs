//! The response with the account of a token.

use broker_core::id::OrgId;
use serde_json::Value;

use super::take_text;

/// Parses the org in the response of `GET /people/me`.
pub(crate) fn org(mut json: Value) -> Result<OrgId, &'static str> {
    let org = take_text(&mut json, "orgId").ok_or("there is no orgId")?;
    OrgId::parse(&org).map_err(|_| "orgId is not an organisation id")
}
