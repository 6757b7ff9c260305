//! A request before it is sent. Each attempt builds a new HTTP request from it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_core::token::AccessToken;
use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use url::Url;

use crate::rate_limit_hold::Sender;
use crate::redact::Redactor;
use crate::retry::Resend;

/// One request to Webex. It has no `Debug` because it holds secrets in the clear.
pub(crate) struct WebexRequest<'a> {
    /// The name of the operation in errors and logs.
    pub(crate) operation: &'static str,
    /// When the request may be sent again.
    pub(crate) resend: Resend,
    /// The party that a 429 to this request holds back.
    pub(crate) sender: Sender,
    method: Method,
    url: Url,
    bearer: Option<&'a str>,
    basic_auth: Option<(&'a str, &'a str)>,
    encoding: Encoding,
    fields: Vec<Field<'a>>,
}

/// The encoding of the fields. Webex's OAuth endpoints accept forms only, all others JSON.
#[derive(Clone, Copy)]
enum Encoding {
    Json,
    Form,
}

/// A field of the body. All bodies are flat.
struct Field<'a> {
    name: &'static str,
    value: FieldValue<'a>,
    secret: bool,
}

/// The value of a field. A form writes numbers as text.
#[derive(Serialize)]
#[serde(untagged)]
enum FieldValue<'a> {
    Text(Cow<'a, str>),
    Number(u32),
}

impl<'a> WebexRequest<'a> {
    /// A request with a bearer token, without fields. It may be sent again.
    pub(crate) fn with_bearer(operation: &'static str, method: Method, url: Url, token: &'a AccessToken) -> Self {
        let request = Self::new(operation, method, url, Sender::Bearer(token.fingerprint()));
        Self { bearer: Some(token.expose()), ..request }
    }

    /// A form of an OAuth client, without bearer token, with the field `client_id`. It may be sent again.
    pub(crate) fn oauth_form(operation: &'static str, url: Url, client_id: &'a str) -> Self {
        let request = Self::new(operation, Method::POST, url, Sender::Client(client_id.to_owned()));
        Self { encoding: Encoding::Form, ..request }.field("client_id", client_id)
    }

    fn new(operation: &'static str, method: Method, url: Url, sender: Sender) -> Self {
        Self {
            operation,
            resend: Resend::Always,
            sender,
            method,
            url,
            bearer: None,
            basic_auth: None,
            encoding: Encoding::Json,
            fields: Vec::new(),
        }
    }

    /// Sends the client's credentials in a header, for endpoints that do not accept them in the body.
    pub(crate) fn basic_auth(self, id: &'a str, secret: &'a str) -> Self {
        Self { basic_auth: Some((id, secret)), ..self }
    }

    pub(crate) fn resend(self, resend: Resend) -> Self {
        Self { resend, ..self }
    }

    pub(crate) fn field(self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.push(name, FieldValue::Text(value.into()), false)
    }

    pub(crate) fn number_field(self, name: &'static str, value: u32) -> Self {
        self.push(name, FieldValue::Number(value), false)
    }

    /// Adds a field whose value is removed from every error and log line.
    pub(crate) fn secret_field(self, name: &'static str, value: &'a str) -> Self {
        self.push(name, FieldValue::Text(value.into()), true)
    }

    fn push(mut self, name: &'static str, value: FieldValue<'a>, secret: bool) -> Self {
        self.fields.push(Field { name, value, secret });
        self
    }

    /// Removes the secrets of this request from text that Webex sent.
    pub(crate) fn redactor(&self) -> Redactor {
        let credentials;
        let mut secrets = Vec::new();
        for field in &self.fields {
            if let FieldValue::Text(text) = &field.value
                && field.secret
            {
                secrets.push(text.as_ref());
            }
        }
        secrets.extend(self.bearer);
        if let Some((id, secret)) = self.basic_auth {
            credentials = STANDARD.encode(format!("{id}:{secret}"));
            secrets.extend([secret, &credentials]);
        }
        Redactor::new(secrets)
    }

    /// Builds the HTTP request for one attempt.
    pub(crate) fn build(&self, client: &Client) -> RequestBuilder {
        let mut request = client.request(self.method.clone(), self.url.clone());
        if let Some(token) = self.bearer {
            request = request.bearer_auth(token);
        }
        if let Some((id, secret)) = self.basic_auth {
            request = request.basic_auth(id, Some(secret));
        }
        if self.fields.is_empty() {
            return request;
        }
        let mut fields = BTreeMap::new();
        for field in &self.fields {
            fields.insert(field.name, &field.value);
        }
        match self.encoding {
            Encoding::Json => request.json(&fields),
            Encoding::Form => request.form(&fields),
        }
    }
}
