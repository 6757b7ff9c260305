//! One entry of `PutEvents`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// An event as the bus took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutEvent {
    /// The name or the ARN of the bus; `default` if the entry had none.
    pub bus: String,
    /// `Source`.
    pub source: String,
    /// `DetailType`.
    pub detail_type: String,
    /// `Detail`, parsed.
    pub detail: Value,
    /// `Time`, or when the entry arrived.
    pub time: Timestamp,
}

impl PutEvent {
    /// Parses an entry. The error is its item in the response, as the API reference words it.
    pub(crate) fn parse(entry: &Value, now: Timestamp) -> Result<Self, Value> {
        let source = required(entry, "Source")?;
        let detail_type = required(entry, "DetailType")?;
        let text = required(entry, "Detail")?;
        let detail: Value = match serde_json::from_str(&text) {
            Ok(detail @ Value::Object(_)) => detail,
            _ => return Err(refusal("MalformedDetail", "Detail is malformed.")),
        };
        let bus = entry["EventBusName"].as_str().unwrap_or("default").to_owned();
        // JSON 1.1 carries a timestamp as seconds since the epoch.
        let seconds = entry["Time"].as_f64().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
        let time = seconds.and_then(|seconds| Timestamp::from_duration(seconds).ok()).unwrap_or(now);
        Ok(Self { bus, source, detail_type, detail, time })
    }
}

fn required(entry: &Value, name: &str) -> Result<String, Value> {
    match entry[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => {
            let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            Err(refusal("InvalidArgument", &message))
        }
    }
}

pub(crate) fn refusal(code: &str, message: &str) -> Value {
    json!({"ErrorCode": code, "ErrorMessage": message})
}
