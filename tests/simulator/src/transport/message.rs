//! Requests and answers as plain values, so that endpoints are plain functions.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::form_urlencoded;

/// A request, read whole.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What this request is called in the answer's header and body.
    pub(crate) tracking_id: String,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The path below `/v1`, in pieces; nothing of any other path.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let path = self.uri.path().strip_prefix("/v1/").unwrap_or_default();
        path.split('/').filter(|piece| !piece.is_empty()).collect()
    }

    /// The piece of the path at `index`, or nothing.
    pub(crate) fn segment(&self, index: usize) -> &str {
        self.segments().get(index).copied().unwrap_or_default()
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        pair(self.uri.query().unwrap_or_default().as_bytes(), name)
    }

    /// A field of a form body; `None` if the body does not say that it is a form.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        self.is_form().then(|| pair(&self.body, name)).flatten()
    }

    pub(crate) fn is_form(&self) -> bool {
        self.header(header::CONTENT_TYPE.as_str())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    }

    /// The JSON body, or null.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// User and password of HTTP Basic.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header("authorization")?.strip_prefix("Basic ")?;
        let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }
}

fn pair(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// An answer, before it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json;charset=UTF-8", body.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let response = self
            .headers
            .into_iter()
            .fold(Response::builder().status(self.status), |builder, (name, value)| builder.header(name, value));
        response.body(Body::from(self.body)).unwrap_or_default()
    }
}
