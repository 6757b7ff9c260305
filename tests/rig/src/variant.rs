//! The functions that are measured, with their variables and events.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use simulator::webex::Delivery;

use crate::aws::{AwsEndpoint, WEBHOOK_SECRET};
use crate::certificates::Certificates;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const VEND_EVENT: &str = include_str!("../../journeys/events/vend-token.json");
/// The organisation in that event.
const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
/// As many roles ask vend, so that none exceeds its rate limit. Fewer than the answers before the first counted one.
const CALLERS: u32 = 16;

/// Where the binaries are.
pub struct Binaries {
    /// Has `{function}/bootstrap`.
    pub functions: PathBuf,
    /// The function that does nothing.
    pub empty: PathBuf,
}

impl Binaries {
    /// Those that `tests/rig/build` has made.
    pub fn built() -> Self {
        let target = Path::new(ROOT).join("target");
        let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        Self { functions: target.join("lambda"), empty: target.join(triple).join("release/examples/empty") }
    }

    pub(crate) fn function(&self, name: &str) -> PathBuf {
        self.functions.join(name).join("bootstrap")
    }
}

/// A function with its variables.
#[derive(Clone)]
pub struct Variant {
    /// As the tables name it.
    pub label: &'static str,
    /// The binary, after what runs it, if anything does.
    pub program: Vec<String>,
    pub(crate) binary: PathBuf,
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Part of each answer.
    pub(crate) expected: &'static str,
    event: fn(u32) -> Value,
}

impl Variant {
    /// The event number `number`. Events of vend differ in their callers, and those for uncached tokens in the organisation.
    pub fn event(&self, number: u32) -> Vec<u8> {
        (self.event)(number).to_string().into_bytes()
    }

    /// A function that is invoked with JSON of its own.
    pub(crate) fn direct(
        label: &'static str,
        binary: PathBuf,
        variables: Vec<(&'static str, String)>,
        expected: &'static str,
    ) -> Self {
        let program = vec![binary.display().to_string()];
        Self { label, program, binary, variables, expected, event: |_| json!({}) }
    }

    /// The same under another label and with one more variable.
    #[must_use]
    pub(crate) fn with(mut self, label: &'static str, name: &'static str, value: String) -> Self {
        self.label = label;
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value));
        self
    }
}

/// All variants. The first is the empty function.
pub fn variants(binaries: &Binaries, aws: &AwsEndpoint, certificates: &Certificates) -> Vec<Variant> {
    let variant = |label, binary: PathBuf, expected, event| Variant {
        label,
        program: vec![binary.display().to_string()],
        binary,
        variables: vec![
            ("AWS_ENDPOINT_URL", aws.url.clone()),
            ("AWS_ENDPOINT_URL_LAMBDA", aws.lambda_url.clone()),
            ("SSL_CERT_FILE", certificates.few_anchors().display().to_string()),
            ("METRICS_STACK", "webex-token-broker".to_owned()),
        ],
        expected,
        event,
    };
    let vend = variant("vend", binaries.function("vend"), "access_token", vend_event);
    let policy = |file: &str| format!("{ROOT}/{file}");
    let mut uncached = vend.clone();
    uncached.label = "vend, another organisation each time";
    uncached.event = |number| replace(ORG, &format!("ce861fba-6e2f-49f9-9a84-{number:012}"), &vend_event(number));
    let consent = variant("consent, its first page", binaries.function("consent"), "Operators only", consent_event);
    vec![
        variant("empty function", binaries.empty.clone(), "\"statusCode\":200", vend_event),
        vend.clone().with("vend, one rule", "CALLER_POLICY", policy("infra/callers.cedar")),
        vend.clone().with("vend, six rules", "CALLER_POLICY", policy("tests/rig/six-rules.cedar")),
        vend.clone().with(
            "vend, all anchors of the system",
            "SSL_CERT_FILE",
            certificates.all_anchors().display().to_string(),
        ),
        vend,
        uncached,
        variant("webhook", binaries.function("webhook"), "\"statusCode\":202", webhook_event),
        consent.with("consent, its first page", "CONSENT_KEY_SHA256", "0".repeat(64)),
    ]
}

fn replace(from: &str, to: &str, event: &Value) -> Value {
    serde_json::from_str(&event.to_string().replace(from, to)).unwrap_or_default()
}

fn vend_event(number: u32) -> Value {
    let event: Value = serde_json::from_str(VEND_EVENT).unwrap_or_default();
    replace("assumed-role/reporting/", &format!("assumed-role/reporting{}/", number % CALLERS), &event)
}

fn consent_event(_: u32) -> Value {
    json!({"version": "2.0", "rawPath": "/", "rawQueryString": "", "isBase64Encoded": false,
        "headers": {"host": "abcdefghij.lambda-url.eu-central-1.on.aws", "accept": "text/html"},
        "requestContext": {"stage": "$default", "domainName": "abcdefghij.lambda-url.eu-central-1.on.aws",
            "http": {"method": "GET", "path": "/", "sourceIp": "192.0.2.20"}}})
}

fn webhook_event(_: u32) -> Value {
    let body = json!({"resource": "serviceApp", "event": "authorized", "data": {"authorizerOrgId": ORG}}).to_string();
    let signed = Delivery::sign(WEBHOOK_SECRET, body.clone().into_bytes());
    json!({"version": "2.0", "rawPath": "/webhooks/reports", "rawQueryString": "", "isBase64Encoded": false,
        "headers": {"x-spark-signature": signed.header("X-Spark-Signature")}, "body": body,
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/webhooks/reports"}}})
}
