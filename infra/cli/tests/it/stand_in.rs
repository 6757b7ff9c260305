//! A stand-in for Lambda, Secrets Manager, `CloudFormation`, STS and CloudWatch on loopback.

mod aws;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The stand-in. It lives as long as the test's runtime.
pub(crate) struct StandIn {
    url: String,
    state: Arc<Mutex<State>>,
    journal: Arc<Mutex<Vec<String>>>,
}

/// What a test can set.
pub(crate) struct State {
    /// Secrets by name.
    pub(crate) secrets: BTreeMap<String, Value>,
    /// Answers of the refresher by command, in turn; the last one stays.
    pub(crate) answers: BTreeMap<String, VecDeque<Value>>,
    /// Payloads that the refresher got.
    pub(crate) payloads: Vec<Value>,
    /// Errors by operation: code and message.
    pub(crate) errors: BTreeMap<String, (String, String)>,
    /// The result of an invocation that crashed.
    pub(crate) crash: Option<Value>,
    /// Outputs of the stack.
    pub(crate) outputs: BTreeMap<String, String>,
    /// Parameters of the stack.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Alarms and their states.
    pub(crate) alarms: Vec<(String, String)>,
    /// Variables of every function.
    pub(crate) variables: BTreeMap<String, String>,
    /// Reserved executions of the refresher.
    pub(crate) reserved: u32,
    /// The `Date` header of every answer.
    pub(crate) date: String,
}

impl State {
    fn new() -> Self {
        let text = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self {
            secrets: BTreeMap::new(),
            answers: BTreeMap::new(),
            payloads: Vec::new(),
            errors: BTreeMap::new(),
            crash: None,
            outputs: text(&[
                ("RefresherFunction", "webex-token-broker-refresher"),
                ("SecretPrefix", "webex-token-broker/"),
                ("WebhookBaseUrl", "https://webhook.example/"),
            ]),
            parameters: text(&[("Minter", "minter/default"), ("CacheTtl", "60")]),
            alarms: vec![("webex-token-broker-grants-failing".to_owned(), "OK".to_owned())],
            variables: text(&[("CONSENT_KEY_SHA256", &"0f".repeat(32))]),
            reserved: 10,
            date: "Thu, 26 Nov 2026 12:00:03 GMT".to_owned(),
        }
    }
}

impl StandIn {
    /// Starts a stand-in with a deployment and no secrets.
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::new()));
        let journal = Arc::new(Mutex::new(Vec::new()));
        let app = Router::new().fallback(aws::answer).with_state((Arc::clone(&state), Arc::clone(&journal)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, state, journal }
    }

    /// An AWS configuration that leads here.
    pub(crate) fn config(&self) -> SdkConfig {
        config(&self.url)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Changes what the stand-in answers.
    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) -> &Self {
        change(&mut self.state.lock().unwrap());
        self
    }

    /// Lets the refresher answer `command` with these, in turn.
    pub(crate) fn answers(&self, command: &str, answers: impl IntoIterator<Item = Value>) -> &Self {
        self.set(|state| {
            state.answers.insert(command.to_owned(), answers.into_iter().collect());
        })
    }

    /// Lets an operation of AWS fail.
    pub(crate) fn fails(&self, operation: &str, code: &str, message: &str) -> &Self {
        self.set(|state| {
            state.errors.insert(operation.to_owned(), (code.to_owned(), message.to_owned()));
        })
    }

    /// Stores a secret.
    pub(crate) fn stores(&self, name: &str, document: Value) -> &Self {
        self.set(|state| {
            state.secrets.insert(name.to_owned(), document);
        })
    }

    /// The document of a secret.
    pub(crate) fn secret(&self, name: &str) -> Option<Value> {
        self.state.lock().unwrap().secrets.get(name).cloned()
    }

    /// The bodies that the refresher got for `command`.
    pub(crate) fn bodies(&self, command: &str) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        state.payloads.iter().filter_map(|payload| payload.get(command)).cloned().collect()
    }

    /// The payloads that the refresher got.
    pub(crate) fn payloads(&self) -> Vec<Value> {
        self.state.lock().unwrap().payloads.clone()
    }

    /// Operations and pauses in their order.
    pub(crate) fn journal(&self) -> Arc<Mutex<Vec<String>>> {
        Arc::clone(&self.journal)
    }

    /// The journal without the calls that only find the deployment and the identity.
    pub(crate) fn steps(&self) -> Vec<String> {
        let found = ["DescribeStacks", "GetCallerIdentity"];
        self.journal.lock().unwrap().iter().filter(|step| !found.contains(&step.as_str())).cloned().collect()
    }
}

/// An AWS configuration for an address.
pub(crate) fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::from_keys("AKIDEXAMPLE", "CANARY-aws-key", None);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build()
}

/// `{"error":…}` as the refresher answers it.
pub(crate) fn refusal(code: &str, detail: &str) -> Value {
    json!({ "error": { "code": code, "detail": detail, "tracking_id": "ROUTER_6566" } })
}
