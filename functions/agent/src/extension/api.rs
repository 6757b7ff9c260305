//! Lambda's Extensions API.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::local_http::{self, LocalHttpError};

/// The name of this program's file, under which an extension must register.
const NAME: &str = "webex-token-agent";
const VERSION: &str = "/2020-01-01/extension";
const IDENTIFIER: &str = "lambda-extension-identifier";

/// An event that Lambda sends to an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "eventType", rename_all = "UPPERCASE")]
pub(super) enum LifecycleEvent {
    /// An invocation of the function begins.
    Invoke,
    /// The environment ends, within 2 seconds.
    Shutdown,
}

/// Why the Extensions API could not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExtensionError {
    #[error(transparent)]
    Http(#[from] LocalHttpError),
    #[error("the request cannot be made: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("the answer has no {IDENTIFIER}")]
    NoIdentifier,
    #[error("an event that is neither INVOKE nor SHUTDOWN: {0}")]
    Event(#[from] serde_json::Error),
}

/// The API of this environment, after the registration.
pub(super) struct ExtensionApi {
    address: String,
    identifier: String,
}

impl ExtensionApi {
    /// Registers for both events at `address`, a host and a port.
    pub(super) async fn register(address: String) -> Result<Self, ExtensionError> {
        let body = json!({"events": ["INVOKE", "SHUTDOWN"]}).to_string();
        let request = Request::post(format!("{VERSION}/register"))
            .header("host", &address)
            .header("lambda-extension-name", NAME)
            .header("content-type", "application/json")
            .body(Full::from(body))?;
        let response = send(&address, request).await?;
        let identifier = response.headers().get(IDENTIFIER).ok_or(ExtensionError::NoIdentifier)?;
        let identifier = identifier.to_str().map_err(|_| ExtensionError::NoIdentifier)?.to_owned();
        Ok(Self { address, identifier })
    }

    /// Says that the extension is ready, and waits for the next event.
    pub(super) async fn next_event(&self) -> Result<LifecycleEvent, ExtensionError> {
        let request = Request::get(format!("{VERSION}/event/next"))
            .header("host", &self.address)
            .header(IDENTIFIER, &self.identifier)
            .body(Full::default())?;
        Ok(serde_json::from_slice(send(&self.address, request).await?.body())?)
    }

    /// Says why the extension cannot start, which fails the start of the function.
    pub(super) async fn report_init_error(&self, reason: &str) -> Result<(), ExtensionError> {
        let kind = "Extension.InvalidConfiguration";
        let body = json!({"errorMessage": reason, "errorType": kind, "stackTrace": []}).to_string();
        let request = Request::post(format!("{VERSION}/init/error"))
            .header("host", &self.address)
            .header(IDENTIFIER, &self.identifier)
            .header("lambda-extension-function-error-type", kind)
            .body(Full::from(body))?;
        send(&self.address, request).await?;
        Ok(())
    }
}

async fn send(address: &str, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, ExtensionError> {
    let response = local_http::send(address, request).await?;
    if response.status().is_success() { Ok(response) } else { Err(ExtensionError::Status(response.status())) }
}
