//! Errors as AWS JSON 1.1 has them: HTTP 400 and a type.

use serde_json::{Value, json};

use crate::transport::Answer;

/// An error of the service.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    kind: &'static str,
    message: String,
}

/// What an operation comes to.
pub(crate) type Outcome<T> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    pub(crate) fn not_found() -> Self {
        Self::not_found_as("Secrets Manager can't find the specified secret.")
    }

    pub(crate) fn not_found_as(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub(crate) fn exists(message: &str) -> Self {
        Self::new("ResourceExistsException", message)
    }

    /// The request is at odds with the state of the secret.
    pub(crate) fn request(message: &str) -> Self {
        Self::new("InvalidRequestException", message)
    }

    pub(crate) fn marked_for_deletion() -> Self {
        Self::request("You can't perform this operation on the secret because it was marked for deletion.")
    }

    /// A parameter's value makes no sense.
    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// A parameter breaks the service's model: length, characters, presence.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(crate) fn throttled() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    pub(crate) fn answer(&self) -> Answer {
        failure(400, self.kind, &self.message)
    }

    /// As an item of `BatchGetSecretValue`'s `Errors`.
    pub(crate) fn item(&self, secret_id: &str) -> Value {
        json!({"SecretId": secret_id, "ErrorCode": self.kind, "Message": self.message})
    }
}

/// A success.
pub(crate) fn success(body: &Value) -> Answer {
    Answer::text(200, "application/x-amz-json-1.1", body.to_string())
}

/// A failure of any status.
pub(crate) fn failure(status: u16, kind: &str, message: &str) -> Answer {
    let body = json!({"__type": kind, "Message": message, "message": message});
    Answer::text(status, "application/x-amz-json-1.1", body.to_string()).with("x-amzn-errortype", kind)
}
