//! What a gateway sends (a Function URL or an HTTP API, payload format 2.0), as far as it matters to a door.
//!
//! Ours instead of `aws_lambda_events`' type, which fails the whole invocation over parts that nobody here reads: a claim
//! that is a number, a header that is none.

use std::fmt;

use lambda_http::http::header::{HeaderMap, HeaderName};
use lambda_http::http::{HeaderValue, Method};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

/// What a gateway sends.
pub struct Event {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
    pub(crate) is_base64: bool,
    pub(crate) gateway: Gateway,
}

/// What the gateway itself says about a request. Nobody else can: it is beside what was sent.
#[derive(Debug, Clone, Default)]
pub struct Gateway {
    /// The API's stage, which a path may begin with.
    pub stage: Option<String>,
    /// Where the request came from.
    pub source_ip: Option<String>,
    /// The account of the gateway.
    pub account_id: Option<String>,
    /// The ARN of whoever signed the request.
    pub user_arn: Option<String>,
}

/// The error does not quote what was sent.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Wire::deserialize(from).ok().and_then(Self::read);
        event.ok_or_else(|| {
            D::Error::custom("expected an HTTP event of a Function URL or an HTTP API, payload format 2.0")
        })
    }
}

impl Event {
    fn read(wire: Wire) -> Option<Self> {
        let Context { http, stage, account_id, authorizer } = wire.request_context;
        let user_arn = authorizer.and_then(|authorizer| authorizer.iam?.user_arn);
        Some(Self {
            method: Method::from_bytes(http.method.as_bytes()).ok()?,
            path: wire.raw_path.unwrap_or_default(),
            query: wire.raw_query_string.unwrap_or_default(),
            headers: wire.headers.unwrap_or_default().0,
            cookies: wire.cookies.unwrap_or_default(),
            body: wire.body.unwrap_or_default(),
            is_base64: wire.is_base64_encoded.unwrap_or_default(),
            gateway: Gateway { stage, source_ip: http.source_ip, account_id, user_arn },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Option<Headers>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    http: Http,
    stage: Option<String>,
    account_id: Option<String>,
    authorizer: Option<Authorizer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

#[derive(Deserialize)]
struct Authorizer {
    iam: Option<Iam>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Iam {
    user_arn: Option<String>,
}

/// Headers as they came; one that is none (its value has control characters, say) is nobody's.
#[derive(Default)]
struct Headers(HeaderMap);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Each)
    }
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = Headers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut sent: M) -> Result<Headers, M::Error> {
        let mut headers = HeaderMap::with_capacity(sent.size_hint().unwrap_or(16));
        while let Some((name, value)) = sent.next_entry::<String, Option<String>>()? {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Some(Ok(value))) = (name, value.map(HeaderValue::try_from)) {
                headers.append(name, value);
            }
        }
        Ok(Headers(headers))
    }
}
