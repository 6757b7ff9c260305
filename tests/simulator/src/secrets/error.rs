//! Errors in the format of AWS JSON 1.1: HTTP 400 and a type.

use serde_json::{Value, json};

use crate::transport::Response;

/// An error that Secrets Manager answers.
#[derive(Clone, Debug)]
pub(crate) struct AwsError {
    kind: &'static str,
    message: String,
}

/// The result of an operation.
pub(crate) type AwsResult<T> = Result<T, AwsError>;

impl AwsError {
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

    /// The state of the secret does not allow the request.
    pub(crate) fn request(message: &str) -> Self {
        Self::new("InvalidRequestException", message)
    }

    pub(crate) fn marked_for_deletion() -> Self {
        Self::request("You can't perform this operation on the secret because it was marked for deletion.")
    }

    /// The value of a parameter is invalid.
    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// A parameter violates the service model: it is missing, or its length or characters are wrong.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(crate) fn throttled() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    pub(crate) fn response(&self) -> Response {
        failure(400, self.kind, &self.message)
    }

    /// The error as an item of `Errors` in the response to `BatchGetSecretValue`.
    pub(crate) fn batch_item(&self, secret_id: &str) -> Value {
        json!({"SecretId": secret_id, "ErrorCode": self.kind, "Message": self.message})
    }
}

/// The response to a successful operation.
pub(crate) fn success(body: &Value) -> Response {
    Response::text(200, "application/x-amz-json-1.1", body.to_string())
}

/// An error response with any status.
pub(crate) fn failure(status: u16, kind: &str, message: &str) -> Response {
    let body = json!({"__type": kind, "Message": message, "message": message});
    Response::text(status, "application/x-amz-json-1.1", body.to_string()).with("x-amzn-errortype", kind)
}
