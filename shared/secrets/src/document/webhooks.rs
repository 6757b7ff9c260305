//! `webhooks/{app}`: written by the operator.

use broker_core::app::WebhookSecrets;
use broker_core::id::ApplicationId;
use broker_core::token::WebhookSecret;
use serde::Deserialize;

use super::{Reason, filled, parse};

#[derive(Deserialize)]
struct Wire {
    secrets: Vec<WebhookSecret>,
    application_id: Option<String>,
}

/// Reads the keys of one app. An empty key would let anybody sign.
pub(crate) fn read(text: &str) -> Result<WebhookSecrets, Reason> {
    let wire: Wire = parse(text)?;
    filled("secrets", wire.secrets.is_empty())?;
    for (at, secret) in wire.secrets.iter().enumerate() {
        filled(&format!("secrets[{at}]"), secret.is_empty())?;
    }
    filled("application_id", wire.application_id.as_deref() == Some(""))?;
    Ok(WebhookSecrets { secrets: wire.secrets, application_id: wire.application_id.map(ApplicationId::new) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_read_in_their_order() {
        let keys = read(r#"{"secrets":["current","previous"],"application_id":"Y2lz","x":null}"#).unwrap();
        let secrets: Vec<_> = keys.secrets.iter().map(WebhookSecret::expose).collect();
        assert_eq!(secrets, ["current", "previous"]);
        assert_eq!(keys.application_id, Some(ApplicationId::new("Y2lz")));
        assert_eq!(read(r#"{"secrets":["one"]}"#).unwrap().application_id, None);
    }

    #[test]
    fn a_list_that_would_let_anybody_in_is_refused() {
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
