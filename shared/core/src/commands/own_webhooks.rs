//! What all of the broker's own webhooks at Webex have in common: a name that begins in the same way, the address of the
//! app, and the app's first secret.

use crate::id::AppName;
use crate::port::Registration;
use crate::token::WebhookSecret;

/// The start of the names of the broker's own webhooks.
pub(crate) const OWN_NAME: &str = "webex-token-broker ";

/// Where Webex delivers the events of an app, with the webhook function at `base`.
pub(crate) fn target_url(base: &str, app: &AppName) -> String {
    format!("{}/webhooks/{app}", base.trim_end_matches('/'))
}

/// Whether `secret` signs what a webhook delivers. One that Webex does not echo counts as the right one.
pub(crate) fn is_signed_with(found: &Registration, secret: &WebhookSecret) -> bool {
    match &found.secret {
        Some(known) => known.fingerprint() == secret.fingerprint(),
        None => true,
    }
}
