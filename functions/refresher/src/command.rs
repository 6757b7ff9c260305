//! The commands of the refresher, parsed from the payload of an invocation.

mod fields;

use broker_core::broker::{DevicePoll, DeviceStart, Import};
use broker_core::id::GrantId;
use broker_core::request::{CommandError, Exchange, MakeLink, Reconcile, Remove, RemoveApp, Renew, StatusRequest};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

/// One command.
#[derive(Debug)]
pub(crate) enum Command {
    Sweep(Sweep),
    Hint(Hint),
    DataSources(GrantId),
    Renew(Renew),
    Restore(GrantId),
    Status(StatusRequest),
    Remove(Remove),
    RemoveApp(RemoveApp),
    Unblock(GrantId),
    Import(Import),
    Exchange(Exchange),
    MakeLink(MakeLink),
    DeviceStart(DeviceStart),
    DevicePoll(DevicePoll),
    Verify(GrantId),
    Apps(IgnoredAny),
    Notify(Notify),
}

/// What an event of Webex's says about a grant.
#[derive(Debug)]
pub(crate) enum Hint {
    Reconcile(Reconcile),
    Fence(GrantId),
}

/// Looks after all grants.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Sweep {
    /// Replaces `WEBHOOK_URL`. A stack's schedule carries the URL of the webhook function, which `CloudFormation` creates
    /// after the refresher.
    #[serde(default)]
    pub(crate) webhook_url: Option<String>,
    /// Whether any number of grants may end without an event. A person has looked at the app.
    #[serde(default)]
    pub(crate) allow_retirements: bool,
    /// Whether `webhook_url` may differ from `WEBHOOK_URL`, so that registrations move there.
    #[serde(default)]
    pub(crate) force: bool,
}

/// Tries whether notices arrive.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Notify {
    /// The text of the notice; `None` for the usual one.
    #[serde(default)]
    pub(crate) text: Option<String>,
}

impl Command {
    /// Parses `{"<tag>":{…}}`, or an event of the scheduler, which has no tag and means a sweep. Unknown fields beside
    /// the tag are ignored; unknown fields inside the command are an error.
    ///
    /// The error never quotes a value of the payload, which may be a token.
    pub(crate) fn parse(payload: Value) -> Result<Self, CommandError> {
        let Value::Object(mut payload) = payload else {
            return Err(invalid(format!("the payload is not an object with one of: {}", fields::tags())));
        };
        let known: Vec<&str> =
            fields::COMMANDS.iter().map(|(tag, _)| *tag).filter(|tag| payload.contains_key(*tag)).collect();
        let tag = match known[..] {
            [tag] => tag,
            [] if is_scheduled(&payload) => return Ok(Self::Sweep(Sweep::default())),
            [] => return Err(unknown_tag(&payload)),
            _ => return Err(invalid(format!("the payload must have exactly one of: {}", fields::tags()))),
        };
        let body = match payload.remove(tag) {
            None | Some(Value::Null) => Value::Object(Map::new()),
            Some(body) => body,
        };
        payload.remove(OPERATOR);
        if !payload.is_empty() {
            let ignored: Vec<_> = payload.keys().map(|name| fields::quotable(name)).collect();
            tracing::warn!(
                command = tag,
                ignored = ignored.join(", "),
                "unknown fields beside the command are ignored"
            );
        }
        fields::check(tag, &body).map_err(invalid)?;
        Self::deserialize(tag, body)
    }

    fn deserialize(tag: &str, body: Value) -> Result<Self, CommandError> {
        match tag {
            "sweep" => read(tag, body).map(Self::Sweep),
            "reconcile" => read(tag, body).map(Hint::Reconcile).map(Self::Hint),
            "fence" => read(tag, body).map(Hint::Fence).map(Self::Hint),
            "data_sources" => read(tag, body).map(Self::DataSources),
            "renew" => read(tag, body).map(Self::Renew),
            "restore" => read(tag, body).map(Self::Restore),
            "status" => read(tag, body).map(Self::Status),
            "remove" => read(tag, body).map(Self::Remove),
            "remove_app" => read(tag, body).map(Self::RemoveApp),
            "unblock" => read(tag, body).map(Self::Unblock),
            "import" => read(tag, body).map(Self::Import),
            "exchange" => read(tag, body).map(Self::Exchange),
            "make_link" => read(tag, body).map(Self::MakeLink),
            "device_start" => read(tag, body).map(Self::DeviceStart),
            "device_poll" => read(tag, body).map(Self::DevicePoll),
            "verify" => read(tag, body).map(Self::Verify),
            "notify" => read(tag, body).map(Self::Notify),
            _ => read(tag, body).map(Self::Apps),
        }
    }
}

/// The field beside a command that names the operator who sends it, for the history.
const OPERATOR: &str = "operator";

/// Longest name of an operator; an IAM role's ARN with its session has fewer characters.
const LONGEST_OPERATOR: usize = 200;

/// The operator whom the payload names. It is what the sender says, and decides nothing.
pub(crate) fn operator(payload: &Value) -> Option<String> {
    let name = payload.get(OPERATOR)?.as_str()?;
    let is_plain = name.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if is_plain && !name.is_empty() && name.len() <= LONGEST_OPERATOR { Some(name.to_owned()) } else { None }
}

/// Whether the payload is empty or an event that `EventBridge` sends where no input is configured.
fn is_scheduled(payload: &Map<String, Value>) -> bool {
    let is_event = ["source", "detail-type", "time"].iter().all(|field| payload.contains_key(*field));
    payload.is_empty() || is_event
}

fn unknown_tag(payload: &Map<String, Value>) -> CommandError {
    let mut detail = format!("the payload must have exactly one of: {}", fields::tags());
    for name in payload.keys() {
        if let Some(tag) = fields::nearest(name, fields::COMMANDS.iter().map(|(tag, _)| *tag)) {
            detail = format!("{detail}; {} is unknown, did you mean {tag}?", fields::quotable(name));
            break;
        }
    }
    invalid(detail)
}

fn read<T: DeserializeOwned>(tag: &str, body: Value) -> Result<T, CommandError> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let path = error.path().to_string();
        invalid(format!("{tag}: {}", reason(&path, &error.into_inner().to_string())))
    })
}

/// What is wrong, without the value that some messages of serde quote.
fn reason(path: &str, message: &str) -> String {
    let quotes_value = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    if !quotes_value.iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    match path {
        "." => "a field has the wrong type".to_owned(),
        path => format!("the field {path} has the wrong type"),
    }
}

pub(crate) fn invalid(detail: String) -> CommandError {
    CommandError { code: "invalid_request".to_owned(), detail, tracking_id: None, retry_after: None }
}

#[cfg(test)]
mod tests;
