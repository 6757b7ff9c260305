//! vend and Webex as the table has them: answers in a queue, and one list of the requests that were seen.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

/// The two stub servers.
#[derive(Clone, Default)]
pub(crate) struct Stubs(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    answers: HashMap<&'static str, VecDeque<Value>>,
    requests: Vec<String>,
    /// Tokens by their SHA-256.
    tokens: HashMap<String, String>,
    webex_port: u16,
}

impl Stubs {
    /// Starts the servers. Returns them with the ports of vend and Webex.
    pub(crate) async fn start() -> (Self, u16, u16) {
        let stubs = Self::default();
        let broker = stubs.listen("broker").await;
        let webex = stubs.listen("webex").await;
        stubs.0.lock().unwrap().webex_port = webex;
        (stubs, broker, webex)
    }

    /// Queues the answers of a step and forgets the requests of the last one.
    pub(crate) fn expect(&self, step: &Value) {
        let mut seen = self.0.lock().unwrap();
        seen.requests.clear();
        for name in ["broker", "webex"] {
            seen.answers.entry(name).or_default().extend(step[name].as_array().cloned().unwrap_or_default());
        }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }

    async fn listen(&self, name: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stubs = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stubs = stubs.clone();
                let service = service_fn(move |request| stubs.clone().handle(name, request));
                // A service that fails closes the connection without an answer.
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        port
    }

    async fn handle(
        self,
        name: &'static str,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, std::io::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
        let mut seen = self.0.lock().unwrap();
        let target = parts.uri.path_and_query().unwrap().as_str();
        let authorization = parts.headers.get("authorization").map(|value| value.to_str().unwrap());
        let text = String::from_utf8(body.to_vec()).unwrap();
        let line = match name {
            "broker" => seen.vend_line(parts.method.as_str(), target, authorization, &text),
            _ => webex_line(parts.method.as_str(), target, authorization, &text),
        };
        seen.requests.push(line);
        let answer = seen.answers.entry(name).or_default().pop_front();
        let answer = answer.unwrap_or_else(|| json!({"status": 599, "body": "no answer is queued"}));
        if answer == "close" {
            return Err(std::io::Error::other("closed as the table says"));
        }
        Ok(seen.compose(&answer))
    }
}

impl Seen {
    fn vend_line(&self, method: &str, target: &str, authorization: Option<&str>, body: &str) -> String {
        let mut line = format!("{method} {target}");
        if authorization != Some("Bearer identity") {
            line.push_str(" without the identity");
        }
        if !body.is_empty() {
            let report: Value = serde_json::from_str(body).unwrap();
            let token = self.tokens.get(report["access_token_sha256"].as_str().unwrap());
            line = format!("{line} of {}", token.cloned().unwrap_or_default());
        }
        line
    }

    fn compose(&mut self, answer: &Value) -> Response<Full<Bytes>> {
        let mut response = Response::builder();
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            response =
                response.header(name, value.as_str().unwrap().replace("WEBEX_PORT", &self.webex_port.to_string()));
        }
        let body = if let Some(token) = answer["token"].as_str() {
            self.tokens.insert(hex::encode(Sha256::digest(token)), token.to_owned());
            json!({"access_token": token, "expires_in": answer["expires_in"], "more": 1}).to_string()
        } else if let Some(status) = answer["problem"].as_u64() {
            response = response.status(u16::try_from(status).unwrap());
            if !answer["retry_after"].is_null() {
                let after =
                    answer["retry_after"].as_str().map_or_else(|| answer["retry_after"].to_string(), str::to_owned);
                response = response.header("retry-after", after);
            }
            let kind = "urn:webex-token-broker:problem:test";
            let mut document = json!({"type": kind, "title": "t", "status": status, "detail": answer["detail"]});
            if !answer["tracking_id"].is_null() {
                document["tracking_id"] = answer["tracking_id"].clone();
            }
            document.to_string()
        } else {
            response = response.status(u16::try_from(answer["status"].as_u64().unwrap()).unwrap());
            answer["body"].as_str().unwrap_or_default().to_owned()
        };
        response.body(Full::new(Bytes::from(body))).unwrap()
    }
}

fn webex_line(method: &str, target: &str, authorization: Option<&str>, body: &str) -> String {
    let token = match authorization {
        Some(header) => format!("with {}", header.trim_start_matches("Bearer ")),
        None => "without a token".to_owned(),
    };
    let body = if body.is_empty() { String::new() } else { format!(": {body}") };
    format!("webex {method} {target} {token}{body}")
}
