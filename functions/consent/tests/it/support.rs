//! A consent function with a small browser in front and a refresher behind, whose answers the tests set.

use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use broker_core::clock::Clock;
use consent::{Consent, Settings};
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::HeaderMap;
use lambda_http::{Body, Context, LambdaEvent};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;
use wiremock::matchers::{body_partial_json, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const KEY: &str = "correct horse battery staple";
pub(crate) const CALLBACK: &str = "https://consent.example/callback";

#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Timestamp>>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, _: SignedDuration) -> impl Future<Output = ()> + Send {
        ready(())
    }
}

pub(crate) struct TestDeployment {
    pub(crate) consent: Consent<TestClock>,
    pub(crate) refresher: MockServer,
    clock: TestClock,
}

impl TestDeployment {
    /// With an operator key.
    pub(crate) async fn new() -> Self {
        let digest = hex::encode(Sha256::digest(KEY));
        Self::with(&[("CONSENT_KEY_SHA256", &digest)]).await
    }

    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let refresher = MockServer::start().await;
        let clock = TestClock(Arc::new(Mutex::new("2026-11-21T12:00:00Z".parse().unwrap())));
        let deployment = Self { consent: function(&refresher, &clock, variables).await, refresher, clock };
        let scopes = ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
        let apps = json!({"apps": [
            {"app": "admins", "kind": "integration", "client_id": "Cadmins", "redirect_uri": CALLBACK},
            {"app": "reports", "kind": "service_app", "client_id": "Creports"},
            {"app": "minter", "kind": "integration", "client_id": "Cminter", "redirect_uri": CALLBACK, "scopes": scopes},
        ]});
        deployment.answer("apps", &apps).await;
        deployment
    }

    /// Sets what the refresher answers to one command from now on.
    pub(crate) async fn answer(&self, tag: &str, answer: &Value) {
        self.answer_to(&json!({tag: {}}), answer).await;
    }

    /// Sets the answer to every payload that has all of `part`. What was set first counts.
    pub(crate) async fn answer_to(&self, part: &Value, answer: &Value) {
        let answer = ResponseTemplate::new(200).set_body_json(answer);
        Mock::given(method("POST")).and(body_partial_json(part)).respond_with(answer).mount(&self.refresher).await;
    }

    /// The `exchange` commands that the refresher received.
    pub(crate) async fn exchanges(&self) -> Vec<Value> {
        self.received("exchange").await.iter().map(|payload| payload["exchange"].clone()).collect()
    }

    /// The payloads with one command that the refresher received.
    pub(crate) async fn received(&self, tag: &str) -> Vec<Value> {
        let requests = self.refresher.received_requests().await.unwrap();
        let bodies = requests.iter().map(|request| request.body_json::<Value>().unwrap());
        bodies.filter(|body| body.get(tag).is_some()).collect()
    }

    pub(crate) fn wait(&self, duration: SignedDuration) {
        let now = &mut *self.clock.0.lock().unwrap();
        *now += duration;
    }
}

async fn function(refresher: &MockServer, clock: &TestClock, variables: &[(&str, &str)]) -> Consent<TestClock> {
    let lookup = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(refresher.uri())
        .load()
        .await;
    Consent::new(Settings::read(&lookup).unwrap(), &sdk, clock.clone())
}

/// A response.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it redirects the browser.
    pub(crate) fn location(&self) -> Url {
        Url::parse("https://consent.example/").unwrap().join(self.header("location")).unwrap()
    }

    /// A parameter of the URL that it redirects the browser to.
    pub(crate) fn sent(&self, name: &str) -> String {
        let url = self.location();
        let mut pairs = url.query_pairs();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// A browser with cookies, an address and headers.
#[derive(Clone)]
pub(crate) struct TestBrowser {
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) source: &'static str,
    pub(crate) headers: Value,
}

impl TestBrowser {
    pub(crate) fn new() -> Self {
        let headers = json!({"host": "consent.example", "sec-fetch-site": "same-origin"});
        Self { cookies: BTreeMap::new(), source: "203.0.113.7", headers }
    }

    /// A browser of an operator who has entered the key.
    pub(crate) async fn operator(deployment: &TestDeployment) -> Self {
        let mut operator = Self::new();
        let page = operator.post(deployment, "/key", &[("key", KEY)]).await;
        assert_eq!(page.status, 303);
        operator
    }

    pub(crate) async fn get(&mut self, deployment: &TestDeployment, path: &str) -> Page {
        self.ask(deployment, "GET", path, "").await
    }

    pub(crate) async fn post(&mut self, deployment: &TestDeployment, path: &str, form: &[(&str, &str)]) -> Page {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.ask(deployment, "POST", path, &form).await
    }

    async fn ask(&mut self, deployment: &TestDeployment, verb: &str, path: &str, body: &str) -> Page {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let event = json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": self.headers, "cookies": cookies,
            "body": body, "isBase64Encoded": false,
            "requestContext": {"stage": "$default", "http": {"method": verb, "path": path, "sourceIp": self.source}},
        });
        let event = LambdaEvent { payload: serde_json::from_value(event).unwrap(), context: Context::default() };
        let request = lambda_kit::gateway::request(event);
        let (parts, body) = deployment.consent.handle(request).await.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(
                rest.starts_with("HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=") && name.starts_with("__Host-"),
                "{cookie:?}"
            );
            if rest.ends_with("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = match body {
            Body::Text(text) => text,
            _ => String::new(),
        };
        Page { status: parts.status.as_u16(), headers: parts.headers, text }
    }
}
