//! `webhooks/{app}`, written by the operator.

use broker_core::app::WebhookSecrets;
use broker_core::id::ApplicationId;
use broker_core::token::WebhookSecret;
use serde::Deserialize;

use super::{Defect, parse, require_filled};

#[derive(Deserialize)]
struct WebhookDocument {
    secrets: Vec<WebhookSecret>,
    application_id: Option<String>,
}

/// Reads the webhook secrets of one app. Empty secrets are refused: with one, anybody could sign.
pub(crate) fn read(text: &str) -> Result<WebhookSecrets, Defect> {
    let document: WebhookDocument = parse(text)?;
    require_filled("secrets", document.secrets.is_empty())?;
    for (index, secret) in document.secrets.iter().enumerate() {
        require_filled(&format!("secrets[{index}]"), secret.is_empty())?;
    }
    require_filled("application_id", document.application_id.as_deref() == Some(""))?;
    Ok(WebhookSecrets { secrets: document.secrets, application_id: document.application_id.map(ApplicationId::new) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_read_in_their_order() {
        let document = read(r#"{"secrets":["current","previous"],"application_id":"Y2lz","x":null}"#).unwrap();
        let secrets: Vec<_> = document.secrets.iter().map(WebhookSecret::expose).collect();
        assert_eq!(secrets, ["current", "previous"]);
        assert_eq!(document.application_id, Some(ApplicationId::new("Y2lz")));
        assert_eq!(read(r#"{"secrets":["one"]}"#).unwrap().application_id, None);
    }

    #[test]
    fn read_refuses_empty_and_malformed_secrets() {
        let table = [
            ("{}", "missing field `secrets`"),
            (r#"{"secrets":[]}"#, "secrets: must not be empty"),
            (r#"{"secrets":["CANARY",""]}"#, "secrets[1]: must not be empty"),
            (r#"{"secrets":"CANARY"}"#, "secrets: expected a sequence"),
            (r#"{"secrets":["CANARY",7]}"#, "secrets[1]: expected a string"),
        ];
        for (text, reason) in table {
            assert_eq!(read(text).unwrap_err(), reason, "{text}");
        }
    }
}
