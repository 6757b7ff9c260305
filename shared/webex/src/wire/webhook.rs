//! Responses with webhooks.

use broker_core::port::Registration;
use broker_core::token::WebhookSecret;
use serde_json::Value;

use super::take_text;

/// Parses one page of `GET /webhooks`.
pub(crate) fn page(mut json: Value) -> Result<Vec<Registration>, &'static str> {
    match json.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items.into_iter().map(registration).collect(),
        _ => Err("there is no list of items"),
    }
}

/// Parses one webhook. The list holds all webhooks of the user, so all fields but the id may be missing.
fn registration(mut json: Value) -> Result<Registration, &'static str> {
    let mut text = |name| take_text(&mut json, name);
    // A webhook without a status needs no repair.
    let active = match text("status") {
        Some(status) => status.eq_ignore_ascii_case("active"),
        None => true,
    };
    Ok(Registration {
        id: text("id").ok_or("a webhook has no id")?,
        name: text("name").unwrap_or_default(),
        target_url: text("targetUrl").unwrap_or_default(),
        resource: text("resource").unwrap_or_default(),
        event: text("event").unwrap_or_default(),
        filter: text("filter"),
        secret: text("secret").map(WebhookSecret::new),
        active,
    })
}

/// Checks the webhook that a creation or an update returns.
pub(crate) fn saved(mut json: Value) -> Result<(), &'static str> {
    match take_text(&mut json, "id") {
        Some(_) => Ok(()),
        None => Err("the webhook has no id"),
    }
}
