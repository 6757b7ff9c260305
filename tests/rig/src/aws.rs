//! Secrets Manager and Lambda's Invoke over TLS, with one answer for each operation, and no latency but its own.

use std::collections::BTreeMap;
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::certificates::Certificates;
use crate::lock;
use crate::message::HttpMessage;

/// The secret that signs webhooks.
pub(crate) const WEBHOOK_SECRET: &str = "webhook-secret";
const LAMBDA: &str = "/2015-03-31/functions/";

/// The endpoints, until the process ends.
pub struct AwsEndpoint {
    /// The value of `AWS_ENDPOINT_URL`.
    pub url: String,
    /// The value of `AWS_ENDPOINT_URL_LAMBDA`: as in AWS, a connection to the one does not serve for the other.
    pub(crate) lambda_url: String,
    calls: CallCounts,
}

type CallCounts = Arc<Mutex<BTreeMap<String, u32>>>;

impl AwsEndpoint {
    /// Serves on free ports of this machine.
    pub fn start(certificates: &Certificates) -> anyhow::Result<Self> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificates.chain())?.collect();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain?, PrivateKeyDer::from_pem_file(certificates.key())?)?;
        let config = Arc::new(config);
        let calls = CallCounts::default();
        Ok(Self { url: listen(&config, &calls)?, lambda_url: listen(&config, &calls)?, calls })
    }

    /// The calls since the last one of this, by operation.
    pub fn take_calls(&self) -> BTreeMap<String, u32> {
        std::mem::take(&mut *lock(&self.calls))
    }
}

/// Serves one endpoint, and returns its URL.
fn listen(config: &Arc<ServerConfig>, calls: &CallCounts) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("https://localhost:{}", listener.local_addr()?.port());
    let (config, calls) = (Arc::clone(config), Arc::clone(calls));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, calls) = (Arc::clone(&config), Arc::clone(&calls));
            thread::spawn(move || serve(stream, config, &calls));
        }
    });
    Ok(url)
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, counts: &CallCounts) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config)?, stream));
    while let Some(request) = HttpMessage::read(&mut stream)? {
        let operation = operation(&request);
        let (status, body) = answer(&operation, &request.body);
        *lock(counts).entry(operation).or_default() += 1;
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        stream.get_mut().flush()?;
    }
    Ok(())
}

/// The operation's name, such as `GetSecretValue`.
fn operation(request: &HttpMessage) -> String {
    if request.start.contains(LAMBDA) {
        return "Invoke".to_owned();
    }
    let target = request.header("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn answer(operation: &str, body: &[u8]) -> (&'static str, Value) {
    let name = secret_name(body);
    match operation {
        "Invoke" => ("202 Accepted", json!({})),
        "GetSecretValue" => match document(&name) {
            Some(document) => ("200 OK", secret(&name, &document)),
            None => ("400 Bad Request", json!({"__type": "ResourceNotFoundException"})),
        },
        "DescribeSecret" => {
            let tag = json!({"Key": "webex-token-broker:mark", "Value": "1"});
            ("200 OK", json!({"ARN": arn(&name), "Name": name, "Tags": [tag]}))
        }
        _ => ("400 Bad Request", json!({"__type": "InvalidRequestException"})),
    }
}

fn secret_name(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body["SecretId"].as_str().unwrap_or_default().to_owned()
}

fn secret(name: &str, document: &Value) -> Value {
    json!({"ARN": arn(name), "Name": name, "SecretString": document.to_string(), "CreatedDate": 1_760_000_000,
        "VersionId": "11111111-1111-4111-8111-111111111111", "VersionStages": ["AWSCURRENT"]})
}

fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-AbCdEf")
}

/// Any grant of `reports`, and the secrets of its webhook.
fn document(name: &str) -> Option<Value> {
    if name.contains("/webhooks/") {
        return Some(json!({"secrets": [WEBHOOK_SECRET]}));
    }
    let (_, subject) = name.split_once("/grants/reports/")?;
    Some(json!({"version": 1, "app": "reports", "subject": subject, "state": "active",
        "access_token": "x".repeat(100), "access_token_expires_at": "2099-01-01T00:00:00Z",
        "refresh_token": "y".repeat(100), "refresh_token_expires_at": "2099-03-01T00:00:00Z",
        "renewed_at": "2026-01-01T00:00:00Z"}))
}
