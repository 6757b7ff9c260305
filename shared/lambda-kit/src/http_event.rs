//! The event of a Function URL or an HTTP API, payload format 2.0, with the fields that the functions read.
//!
//! Replaces the type of `aws_lambda_events`, which fails the whole invocation over fields that no function reads, such as
//! a claim that is a number or a header with an invalid value.

use std::fmt;

use lambda_http::http::header::{HeaderMap, HeaderName};
use lambda_http::http::{HeaderValue, Method};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

/// An HTTP request as a gateway sends it.
pub struct HttpEvent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
    pub(crate) is_base64: bool,
    pub(crate) context: RequestContext,
}

/// The facts about a request that the gateway itself adds. A client cannot forge them.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    /// The stage of the API, which the path may begin with.
    pub stage: Option<String>,
    /// The IP address of the client.
    pub source_ip: Option<String>,
    /// The account that owns the gateway.
    pub account_id: Option<String>,
    /// The ARN of the IAM principal that signed the request.
    pub user_arn: Option<String>,
}

/// The error never quotes the event, which may hold secrets.
impl<'de> Deserialize<'de> for HttpEvent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = match HttpEventJson::deserialize(from) {
            Ok(json) => Self::from_json(json),
            Err(_) => None,
        };
        let expected = "expected an HTTP event of a Function URL or an HTTP API, payload format 2.0";
        event.ok_or_else(|| D::Error::custom(expected))
    }
}

impl HttpEvent {
    fn from_json(json: HttpEventJson) -> Option<Self> {
        let RequestContextJson { http, stage, account_id, authorizer } = json.request_context;
        let user_arn = authorizer.and_then(|authorizer| authorizer.iam?.user_arn);
        Some(Self {
            method: Method::from_bytes(http.method.as_bytes()).ok()?,
            path: json.raw_path.unwrap_or_default(),
            query: json.raw_query_string.unwrap_or_default(),
            headers: json.headers.unwrap_or_default().0,
            cookies: json.cookies.unwrap_or_default(),
            body: json.body.unwrap_or_default(),
            is_base64: json.is_base64_encoded.unwrap_or_default(),
            context: RequestContext { stage, source_ip: http.source_ip, account_id, user_arn },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEventJson {
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Option<HeadersJson>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: RequestContextJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContextJson {
    http: HttpJson,
    stage: Option<String>,
    account_id: Option<String>,
    authorizer: Option<AuthorizerJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpJson {
    method: String,
    source_ip: Option<String>,
}

#[derive(Deserialize)]
struct AuthorizerJson {
    iam: Option<IamJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamJson {
    user_arn: Option<String>,
}

/// The headers of the event. An invalid one, such as a value with control characters, is skipped.
#[derive(Default)]
struct HeadersJson(HeaderMap);

impl<'de> Deserialize<'de> for HeadersJson {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = HeadersJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut entries: M) -> Result<HeadersJson, M::Error> {
        let mut headers = HeaderMap::with_capacity(entries.size_hint().unwrap_or(16));
        while let Some((name, value)) = entries.next_entry::<String, Option<String>>()? {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Some(Ok(value))) = (name, value.map(HeaderValue::try_from)) {
                headers.append(name, value);
            }
        }
        Ok(HeadersJson(headers))
    }
}
