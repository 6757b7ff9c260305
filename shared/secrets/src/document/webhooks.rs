//! `webhooks/{app}`, written by the operator.

use broker_core::app::WebhookSecrets;
use broker_core::id::ApplicationId;
use broker_core::token::WebhookSecret;
use serde::Deserialize;

use super::by_hand::{TextList, clean, explain, object_text, unknown_fields};
use super::{Defect, parse, require_filled};

/// The fields of the contract.
const FIELDS: [&str; 2] = ["secrets", "application_id"];

#[derive(Deserialize)]
struct WebhookDocument {
    secrets: TextList<WebhookSecret>,
    application_id: Option<String>,
}

/// Reads the webhook secrets of one app. Empty secrets are refused: with one, anybody could sign.
pub(crate) fn read(text: &str) -> Result<WebhookSecrets, Defect> {
    let mut problems = Vec::new();
    let text = object_text(text, &mut problems);
    let document: WebhookDocument = match parse(&text) {
        Ok(document) => document,
        Err(defect) => return Err(explain(defect, &text, &FIELDS)),
    };
    problems.extend(unknown_fields(&text, &FIELDS));
    let TextList(secrets) = document.secrets;
    require_filled("secrets", secrets.is_empty())?;
    for (index, secret) in secrets.iter().enumerate() {
        require_filled(&format!("secrets[{index}]"), secret.is_empty())?;
    }
    let application_id = match &document.application_id {
        Some(text) => {
            let id = clean("application_id", text, &mut problems);
            require_filled("application_id", id.is_empty())?;
            Some(ApplicationId::new(id))
        }
        None => None,
    };
    Ok(WebhookSecrets { secrets, application_id, problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let document = read(text).unwrap();
        document.secrets.iter().map(|secret| secret.expose().to_owned()).collect()
    }

    #[test]
    fn secrets_are_read_in_their_order() {
        let text = r#"{"secrets":["current","previous"],"application_id":"Y2lz"}"#;
        let document = read(text).unwrap();
        assert_eq!(values(text), ["current", "previous"]);
        assert_eq!(document.application_id, Some(ApplicationId::new("Y2lz")));
        assert_eq!(document.problems, [] as [&str; 0]);
        let without_id = read(r#"{"secrets":["one"]}"#).unwrap();
        assert_eq!(without_id.application_id, None);
    }

    #[test]
    fn secrets_are_read_from_strings_and_lists() {
        assert_eq!(values(r#"{"secrets":"one"}"#), ["one"]);
        assert_eq!(values(r#"{"secrets":"[\"one\",\"two\"]"}"#), ["one", "two"]);
        assert_eq!(values("\u{feff}{\"secrets\":[\"one\"]}"), ["one"]);
        assert_eq!(values(r#""{\"secrets\":[\"one\"]}""#), ["one"]);
    }

    #[test]
    fn slips_are_reported_without_values() {
        let document = read(r#"{"secrets":["CANARY"],"secret":"CANARY","application_id":"Y2lz\n"}"#).unwrap();
        assert_eq!(
            document.problems,
            [
                "unknown field `secret`; did you mean `secrets`?",
                "application_id: white space around the value was ignored"
            ]
        );
    }

    #[test]
    fn read_refuses_empty_and_malformed_secrets() {
        let table = [
            ("{}", "missing field `secrets`"),
            (r#"{"secret":"CANARY"}"#, "missing field `secrets`; unknown field `secret`; did you mean `secrets`?"),
            (r#"{"secrets":[]}"#, "secrets: must not be empty"),
            (r#"{"secrets":["CANARY",""]}"#, "secrets[1]: must not be empty"),
            (r#"{"secrets":""}"#, "secrets[0]: must not be empty"),
            (r#"{"secrets":"[CANARY"}"#, "secrets: expected a list of strings"),
            (r#"{"secrets":7}"#, "secrets: expected a list of strings"),
            (r#"{"secrets":["CANARY",7]}"#, "secrets[1]: expected a string"),
        ];
        for (text, reason) in table {
            assert_eq!(read(text).unwrap_err(), reason, "{text}");
        }
    }
}
