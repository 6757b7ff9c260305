//! Requests and responses as plain values, so that endpoints are plain functions.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response as HttpResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::form_urlencoded;

/// A request with its whole body.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Identifies this request in the response's header and body.
    pub(crate) tracking_id: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The segments of the path below `/v1`; empty for any other path.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let path = self.uri.path().strip_prefix("/v1/").unwrap_or_default();
        path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    /// The segment of the path at `index`; empty if there is none.
    pub(crate) fn segment(&self, index: usize) -> &str {
        self.segments().get(index).copied().unwrap_or_default()
    }

    /// The raw query string, without the question mark.
    pub(crate) fn query_string(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        parameter(self.query_string().as_bytes(), name)
    }

    /// A field of a form body; `None` if the content type is not that of a form.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        if !self.is_form() {
            return None;
        }
        parameter(&self.body, name)
    }

    pub(crate) fn is_form(&self) -> bool {
        let content_type = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        content_type.starts_with("application/x-www-form-urlencoded")
    }

    /// The body as JSON; null if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The token of the `Authorization` header.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// User and password of HTTP Basic authentication.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header("authorization")?.strip_prefix("Basic ")?;
        let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }
}

fn parameter(encoded: &[u8], name: &str) -> Option<String> {
    let (_, value) = form_urlencoded::parse(encoded).find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

/// A response before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the service adds its header with the tracking id.
    pub(crate) has_tracking_header: bool,
}

impl Response {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json;charset=UTF-8", body.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let response = Self { body: body.into(), ..Self::empty(status) };
        response.with("content-type", content_type)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), has_tracking_header: true }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends no header with the tracking id, as anything between the client and the service would.
    pub(crate) fn without_tracking_header(self) -> Self {
        Self { has_tracking_header: false, ..self }
    }

    /// Adds the header with the tracking id, unless this response goes without.
    pub(crate) fn with_default_tracking_id(self, header: &'static str, tracking_id: String) -> Self {
        if self.has_tracking_header { self.with(header, tracking_id) } else { self }
    }

    pub(crate) fn into_http(self) -> HttpResponse {
        let mut builder = HttpResponse::builder().status(self.status);
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(self.body)).unwrap_or_default()
    }
}
