//! What the refresher can be asked, read from the payload of an invocation.

use broker_core::broker::{DevicePoll, DeviceStart, Import};
use broker_core::id::GrantId;
use broker_core::request::{CommandError, Exchange, Reconcile, Renew};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

/// One request.
#[derive(Debug)]
pub(crate) enum Command {
    Sweep(Sweep),
    Reconcile(Reconcile),
    Fence(GrantId),
    Renew(Renew),
    Import(Import),
    Exchange(Exchange),
    DeviceStart(DeviceStart),
    DevicePoll(DevicePoll),
    Verify(GrantId),
    Apps(IgnoredAny),
}

/// A round over everything.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Sweep {
    /// Overrides `WEBHOOK_URL`, so that a schedule can carry the URL of a function that needs our name.
    #[serde(default)]
    pub(crate) webhook_url: Option<String>,
}

const TAGS: &str = "sweep, reconcile, fence, renew, import, exchange, device_start, device_poll, verify, apps";

impl Command {
    /// Reads a payload: `{"<tag>":{…}}`, or an event of the scheduler, which has no tag and means a sweep.
    ///
    /// The error never quotes the payload, which may hold tokens.
    pub(crate) fn parse(payload: Value) -> Result<Self, CommandError> {
        let Value::Object(mut payload) = payload else {
            return Err(invalid(format!("the payload is not an object with one of: {TAGS}")));
        };
        if is_scheduled(&payload) {
            return Ok(Self::Sweep(Sweep::default()));
        }
        let tag = payload.keys().next().cloned().unwrap_or_default();
        if payload.len() != 1 || !TAGS.split(", ").any(|known| known == tag) {
            return Err(invalid(format!("the payload must have exactly one of: {TAGS}")));
        }
        let body = payload.remove(&tag).filter(|body| !body.is_null()).unwrap_or_else(|| Value::Object(Map::new()));
        match tag.as_str() {
            "sweep" => read(&tag, body).map(Self::Sweep),
            "reconcile" => read(&tag, body).map(Self::Reconcile),
            "fence" => read(&tag, body).map(Self::Fence),
            "renew" => read(&tag, body).map(Self::Renew),
            "import" => read(&tag, body).map(Self::Import),
            "exchange" => read(&tag, body).map(Self::Exchange),
            "device_start" => read(&tag, body).map(Self::DeviceStart),
            "device_poll" => read(&tag, body).map(Self::DevicePoll),
            "verify" => read(&tag, body).map(Self::Verify),
            _ => read(&tag, body).map(Self::Apps),
        }
    }

    /// Whether the request is a hint that came through Lambda's queue: if it cannot even be written down, the
    /// invocation must fail, so that the queue keeps it and tries again.
    pub(crate) fn must_not_be_lost(&self) -> bool {
        matches!(self, Self::Reconcile(_) | Self::Fence(_))
    }
}

/// An empty payload, or what `EventBridge` sends where no input was configured.
fn is_scheduled(payload: &Map<String, Value>) -> bool {
    let event = ["source", "detail-type", "time"].iter().all(|field| payload.contains_key(*field));
    payload.is_empty() || event
}

fn read<T: DeserializeOwned>(tag: &str, body: Value) -> Result<T, CommandError> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        invalid(format!("{tag}: {}", reason(&path, &error.into_inner().to_string())))
    })
}

/// What is wrong, in words that do not quote the value: serde's own do.
fn reason(path: &str, message: &str) -> String {
    let quotes_the_value = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    match path {
        _ if !quotes_the_value.iter().any(|start| message.starts_with(start)) => message.to_owned(),
        "." => "a field is not of the type that it should be".to_owned(),
        path => format!("{path} is not of the type that it should be"),
    }
}

fn invalid(detail: String) -> CommandError {
    CommandError { code: "invalid_request".to_owned(), detail, tracking_id: None, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_of_the_scheduler_is_a_sweep() {
        let event = json!({"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": "123456789012", "time": "2026-11-21T12:00:00Z", "region": "eu-central-1", "resources": [], "detail": "{}"});
        for payload in [event, json!({}), json!({"sweep": {}}), json!({"sweep": null})] {
            assert!(matches!(Command::parse(payload), Ok(Command::Sweep(Sweep { webhook_url: None }))));
        }
    }

    #[test]
    fn an_unknown_request_is_told_what_there_is() {
        for payload in [json!({"renwe": {}}), json!({"sweep": {}, "fence": {}}), json!([]), json!("sweep"), json!(null)]
        {
            let refusal = Command::parse(payload).unwrap_err();
            assert_eq!(refusal.code, "invalid_request");
            assert!(refusal.detail.contains("reconcile, fence"), "{}", refusal.detail);
        }
    }

    #[test]
    fn a_bad_field_is_named_and_not_quoted() {
        let cases = [
            (json!({"fence": {"subject": "default"}}), "fence: missing field `app`"),
            (json!({"import": {"app": "a", "subject": "b", "refresh_token": {"canary": 1}}}), "import: "),
            (json!({"renew": {"app": "a", "subject": "b", "if_sha256": "canary"}}), "64 hexadecimal digits"),
            (json!({"renew": {"app": "a", "subject": "b", "reason": "canary"}}), "renew: "),
            (json!({"verify": {"app": "CANARY", "subject": "b"}}), "an app's name must be"),
            (json!({"import": {"app": "a", "subject": "b", "expires_in": "canary"}}), "import: "),
        ];
        for (payload, expected) in cases {
            let detail = Command::parse(payload).unwrap_err().detail;
            assert!(detail.contains(expected), "{detail}");
            assert!(!detail.to_lowercase().contains("canary"), "{detail}");
        }
    }

    #[test]
    fn an_org_is_read_in_any_form() {
        let written = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
        let Ok(Command::Fence(id)) = Command::parse(json!({"fence": {"app": "reports", "subject": written}})) else {
            panic!("not a fence");
        };
        assert_eq!(id.to_string(), "reports/ce861fba-6e2f-49f9-9a84-b354008fac9e");
    }
}
