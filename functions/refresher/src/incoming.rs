//! The forms in which commands arrive.

use serde::Deserialize;
use serde_json::Value;

use crate::command::{Command, Hint, invalid};
use broker_core::request::CommandError;

/// The payload of an invocation.
pub(crate) enum Incoming {
    /// A command as its sender wrote it, or an event of the scheduler.
    Direct(Value),
    /// A command in the record of a failed asynchronous invocation ("dead letter"), taken out of it.
    DeadLetter(Value),
    /// Messages of the queue of failed hints.
    Messages(Vec<QueueMessage>),
    /// An event that the function does not handle.
    Unsupported(&'static str),
}

/// A message of an SQS queue.
#[derive(Debug, Deserialize)]
pub(crate) struct QueueMessage {
    #[serde(rename = "messageId")]
    pub(crate) id: String,
    body: String,
}

impl Incoming {
    pub(crate) fn of(mut payload: Value) -> Self {
        if let Some(records) = payload.get_mut("Records") {
            return match serde_json::from_value(records.take()) {
                Ok(messages) => Self::Messages(messages),
                Err(_) => Self::Unsupported("the payload has Records that are not messages of an SQS queue"),
            };
        }
        if payload.get("Step").is_some() {
            let rotation = "Secrets Manager rotation is not supported: sweeps renew the tokens; \
                            switch the rotation of the secret off";
            return Self::Unsupported(rotation);
        }
        match payload.get_mut("requestPayload") {
            Some(wrapped) => Self::DeadLetter(wrapped.take()),
            None => Self::Direct(payload),
        }
    }
}

impl QueueMessage {
    /// The hint in the message: the hint itself or a dead letter that holds it. Other commands are refused, because the
    /// queue is filled through the least trusted function.
    pub(crate) fn hint(&self) -> Result<Hint, CommandError> {
        let Ok(mut body) = serde_json::from_str::<Value>(&self.body) else {
            return Err(invalid("the body of the message is not JSON".to_owned()));
        };
        let payload = match body.get_mut("requestPayload") {
            Some(wrapped) => wrapped.take(),
            None => body,
        };
        match Command::parse(payload)? {
            Command::Hint(hint) => Ok(hint),
            _ => Err(invalid("the message holds neither reconcile nor fence".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(body: &Value) -> QueueMessage {
        QueueMessage { id: "1".to_owned(), body: body.to_string() }
    }

    #[test]
    fn dead_letter_is_unwrapped_once() {
        let fence = json!({"fence": {"app": "a", "subject": "b"}});
        let once = json!({"version": "1.0", "requestPayload": fence, "responsePayload": {"errorMessage": "x"}});
        assert!(matches!(Incoming::of(once.clone()), Incoming::DeadLetter(payload) if payload == fence));
        assert!(
            matches!(Incoming::of(json!({"requestPayload": once})), Incoming::DeadLetter(payload) if payload == once)
        );
        assert!(message(&once).hint().is_ok());
        assert!(message(&json!({"requestPayload": once})).hint().is_err());
    }

    #[test]
    fn rotation_and_foreign_records_are_unsupported() {
        let rotation = json!({"Step": "createSecret", "SecretId": "x", "ClientRequestToken": "y"});
        assert!(matches!(Incoming::of(rotation), Incoming::Unsupported(_)));
        assert!(matches!(Incoming::of(json!({"Records": [{"eventSource": "aws:s3"}]})), Incoming::Unsupported(_)));
        assert!(matches!(Incoming::of(json!({"Records": 7})), Incoming::Unsupported(_)));
    }

    #[test]
    fn message_holds_a_hint_and_nothing_else() {
        let id = json!({"app": "a", "subject": "b"});
        assert!(matches!(message(&json!({"reconcile": id})).hint(), Ok(Hint::Reconcile(_))));
        for other in [json!({}), json!({"sweep": {}}), json!({"renew": id}), json!({"requestPayload": {"import": id}})]
        {
            assert_eq!(message(&other).hint().unwrap_err().code, "invalid_request", "{other}");
        }
        let broken = QueueMessage { id: "1".to_owned(), body: "{".to_owned() };
        assert!(broken.hint().is_err());
    }
}
