//! Consent and the refresher as they are shipped, between the simulator and a browser.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use broker_core::clock::{Clock as _, Deadline};
use consent::Consent;
use futures_util::future::select;
use jiff::SignedDuration;
use refresher::Refresher;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use simulator::webex::{Endpoint, Role};
use simulator::{Clock, Options, Point, Simulator};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;

use super::site;
use crate::harness::ManualClock;

/// What the operator types.
pub(super) const KEY: &str = "uXk0c2tl-bWFkZSB1cCBmb3IgdGVzdHM";

/// What the minter cannot do without.
pub(super) const MINTER: [&str; 3] =
    ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];

/// Two Integrations: the minter with a fixed list, and one whose scopes are chosen.
pub(super) struct Deployment {
    pub(super) sim: Simulator,
    pub(super) url: String,
    /// Consent without an operator key, to which everybody comes from elsewhere.
    pub(super) closed_url: String,
    invoked: Invoked,
}

/// Lambda's Invoke API in front of the refresher.
#[derive(Clone)]
struct Invoked {
    refresher: Arc<Refresher<ManualClock>>,
    webex: simulator::Webex,
    /// While true, the refresher dies where Webex has spent the code and nothing is stored yet.
    dies: Arc<AtomicBool>,
}

impl Deployment {
    pub(super) async fn new() -> Self {
        let clock = Clock::fixed("2026-11-21T12:00:00Z".parse().unwrap());
        let sim = Simulator::start(Options::new(clock.clone())).await.unwrap();
        let clock = ManualClock(clock);
        let environment = [
            ("WEBEX_API_BASE", sim.webex.base_url()),
            ("SHOW_TOKENS", "true".to_owned()),
            ("CONSENT_KEY_SHA256", hex::encode(Sha256::digest(KEY))),
        ];
        let lookup = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let settings = refresher::Settings::read(&lookup).unwrap();
        let metrics = lambda_kit::metrics::Metrics::to(std::io::sink());
        let secrets = sdk(sim.secrets.endpoint_url()).await;
        let refresher = Arc::new(Refresher::new(settings, &secrets, clock.clone(), metrics));
        let invoked = Invoked { refresher, webex: sim.webex.clone(), dies: Arc::default() };
        let lambda = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let lambda_url = format!("http://{}", lambda.local_addr().unwrap());
        let router = Router::new().fallback(invoke).with_state(invoked.clone());
        tokio::spawn(async move { axum::serve(lambda, router).await });
        let lambda = sdk(lambda_url).await;
        let settings = consent::Settings::read(&lookup).unwrap();
        let without_key = consent::Settings { key: None, ..settings.clone() };
        let url = served(Consent::new(settings, &lambda, clock.clone()), "127.0.0.1").await;
        let closed_url = served(Consent::new(without_key, &lambda, clock), "203.0.113.7").await;
        let deployment = Self { sim, url, closed_url, invoked };
        deployment.register();
        deployment
    }

    fn register(&self) {
        let webex = &self.sim.webex;
        webex.add_developer("ada");
        webex.add_user("sam", Role::Standard);
        let callback = format!("{}/callback", self.url);
        let minter = webex.register_integration("ada", &MINTER, &callback);
        let chosen = catalogue();
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        let admins = webex.register_integration("ada", &chosen, &callback);
        for (name, app, scopes) in [("minter", minter, Some(json!(MINTER))), ("admins", admins, None)] {
            let mut described = json!({"kind": "integration", "client_id": app.client_id,
                "client_secret": app.client_secret, "redirect_uri": callback});
            if let Some(scopes) = scopes {
                described["scopes"] = scopes;
            }
            self.sim.secrets.put_json(&format!("webex-token-broker/apps/{name}"), &described).unwrap();
        }
    }

    /// From now on the refresher dies between exchange and store, or no longer.
    pub(super) fn refresher_dies(&self, dies: bool) {
        self.invoked.dies.store(dies, Ordering::Relaxed);
    }

    /// The grant as it is stored.
    pub(super) fn grant(&self, name: &str) -> Option<Value> {
        self.sim.secrets.current_json(&format!("webex-token-broker/grants/{name}"))
    }
}

/// All scopes that the page offers.
fn catalogue() -> Vec<String> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/consent/scopes.json");
    let scopes: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    scopes.iter().map(|scope| scope["scope"].as_str().unwrap().to_owned()).collect()
}

/// `localhost` and not the simulator's 127.0.0.1: two sites, as Webex and we are.
async fn served(consent: Consent<ManualClock>, source: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    site::serve(listener, consent, source);
    url
}

async fn sdk(endpoint: String) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "browser");
    let defaults = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    defaults.endpoint_url(endpoint).load().await
}

async fn invoke(State(invoked): State<Invoked>, body: String) -> Response {
    let payload: Value = serde_json::from_str(&body).unwrap();
    let is_exchange = payload.get("exchange").is_some();
    let refresher = &invoked.refresher;
    let deadline = Deadline::at(refresher.clock().now() + SignedDuration::from_secs(20));
    let answer = Box::pin(refresher.answer(payload, deadline));
    if is_exchange && invoked.dies.load(Ordering::Relaxed) {
        let gate = invoked.webex.faults().gate(Endpoint::Exchange, Point::AfterEffect);
        select(answer, Box::pin(gate.wait_reached())).await;
        return ([("x-amz-function-error", "Unhandled")], "{}").into_response();
    }
    match answer.await {
        Ok(answer) => answer.to_string().into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
