//! What is sent: one description of a request, from which every attempt is made anew.

use std::borrow::Cow;
use std::collections::BTreeMap;

use broker_core::token::{AccessToken, Fingerprint};
use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use crate::redact::Redactor;
use crate::retry::Repeat;

/// One call to Webex. It has no `Debug`: it holds secrets in the open.
pub(crate) struct Call<'a> {
    /// The name for errors and logs.
    pub(crate) operation: &'static str,
    /// Whether it may be sent again although it may have worked.
    pub(crate) repeat: Repeat,
    /// Whose token is shown, if one is: it is by token that Webex limits.
    pub(crate) sender: Option<Fingerprint>,
    method: Method,
    url: Url,
    bearer: Option<&'a str>,
    basic: Option<(&'a str, &'a str)>,
    encoding: Encoding,
    fields: Vec<Field<'a>>,
}

/// How the fields travel. Webex's OAuth endpoint takes forms only, everything else JSON.
#[derive(Clone, Copy)]
enum Encoding {
    Json,
    Form,
}

/// All bodies that we send are flat and hold text.
struct Field<'a> {
    name: &'static str,
    value: Cow<'a, str>,
    secret: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(operation: &'static str, method: Method, url: Url) -> Self {
        Self {
            operation,
            repeat: Repeat::Freely,
            sender: None,
            method,
            url,
            bearer: None,
            basic: None,
            encoding: Encoding::Json,
            fields: Vec::new(),
        }
    }

    pub(crate) fn bearer(self, token: &'a AccessToken) -> Self {
        Self { sender: Some(token.fingerprint()), bearer: Some(token.expose()), ..self }
    }

    /// The client's credentials in a header, where Webex does not take them in the body.
    pub(crate) fn basic(self, id: &'a str, secret: &'a str) -> Self {
        Self { basic: Some((id, secret)), ..self }
    }

    /// Sends the fields as `application/x-www-form-urlencoded` instead of JSON.
    pub(crate) fn form(self) -> Self {
        Self { encoding: Encoding::Form, ..self }
    }

    pub(crate) fn repeat(self, repeat: Repeat) -> Self {
        Self { repeat, ..self }
    }

    pub(crate) fn field(self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.push(name, value.into(), false)
    }

    /// A field whose value must not come back in anybody's words.
    pub(crate) fn secret(self, name: &'static str, value: &'a str) -> Self {
        self.push(name, value.into(), true)
    }

    fn push(mut self, name: &'static str, value: Cow<'a, str>, secret: bool) -> Self {
        self.fields.push(Field { name, value, secret });
        self
    }

    /// What takes the secrets of this call out of the answer to it.
    pub(crate) fn redactor(&self) -> Redactor {
        let secrets = self.fields.iter().filter(|field| field.secret);
        let headers = self.bearer.into_iter().chain(self.basic.map(|(_, secret)| secret));
        Redactor::new(secrets.map(|field| field.value.as_ref()).chain(headers))
    }

    pub(crate) fn request(&self, client: &Client) -> RequestBuilder {
        let request = client.request(self.method.clone(), self.url.clone());
        let request = match (self.bearer, self.basic) {
            (Some(token), _) => request.bearer_auth(token),
            (None, Some((id, secret))) => request.basic_auth(id, Some(secret)),
            (None, None) => request,
        };
        if self.fields.is_empty() {
            return request;
        }
        let fields: BTreeMap<_, _> = self.fields.iter().map(|field| (field.name, &field.value)).collect();
        match self.encoding {
            Encoding::Json => request.json(&fields),
            Encoding::Form => request.form(&fields),
        }
    }
}
