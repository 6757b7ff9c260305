//! The consent function and the refresher between the simulator and a browser.

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

/// The operator key.
pub(super) const KEY: &str = "uXk0c2tl-bWFkZSB1cCBmb3IgdGVzdHM";

/// The scopes of the minter.
pub(super) const MINTER_SCOPES: [&str; 3] =
    ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];

/// A deployment with two Integrations: the minter with fixed scopes, and one whose scopes the person chooses.
pub(super) struct Deployment {
    pub(super) sim: Simulator,
    pub(super) url: String,
    /// The consent function without an operator key. All its requests seem to come from elsewhere.
    pub(super) closed_url: String,
    endpoint: RefresherEndpoint,
}

/// Lambda's Invoke API for the refresher.
#[derive(Clone)]
struct RefresherEndpoint {
    refresher: Arc<Refresher<ManualClock>>,
    webex: simulator::Webex,
    /// While true, the refresher crashes after Webex has spent the code and before anything is stored.
    crashes: Arc<AtomicBool>,
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
        let endpoint = RefresherEndpoint { refresher, webex: sim.webex.clone(), crashes: Arc::default() };
        let lambda = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let lambda_url = format!("http://{}", lambda.local_addr().unwrap());
        let router = Router::new().fallback(invoke).with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(lambda, router).await });
        let lambda = sdk(lambda_url).await;
        let settings = consent::Settings::read(&lookup).unwrap();
        let without_key = consent::Settings { key: None, ..settings.clone() };
        let url = served(Consent::new(settings, &lambda, clock.clone()), "127.0.0.1").await;
        let closed_url = served(Consent::new(without_key, &lambda, clock), "203.0.113.7").await;
        let deployment = Self { sim, url, closed_url, endpoint };
        deployment.register();
        deployment
    }

    fn register(&self) {
        let webex = &self.sim.webex;
        webex.add_developer("ada");
        webex.add_user("sam", Role::Standard);
        let callback = format!("{}/callback", self.url);
        let minter = webex.register_integration("ada", &MINTER_SCOPES, &callback);
        let chosen = catalogue();
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        let admins = webex.register_integration("ada", &chosen, &callback);
        for (name, app, scopes) in [("minter", minter, Some(json!(MINTER_SCOPES))), ("admins", admins, None)] {
            let mut described = json!({"kind": "integration", "client_id": app.client_id,
                "client_secret": app.client_secret, "redirect_uri": callback});
            if let Some(scopes) = scopes {
                described["scopes"] = scopes;
            }
            self.sim.secrets.put_json(&format!("webex-token-broker/apps/{name}"), &described).unwrap();
        }
    }

    /// Makes the refresher crash between exchange and store from now on, or stops it.
    pub(super) fn crash_refresher(&self, crashes: bool) {
        self.endpoint.crashes.store(crashes, Ordering::Relaxed);
    }

    /// The stored grant.
    pub(super) fn grant(&self, name: &str) -> Option<Value> {
        self.sim.secrets.current_json(&format!("webex-token-broker/grants/{name}"))
    }
}

/// All scopes in the catalogue.
fn catalogue() -> Vec<String> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/consent/scopes.json");
    let scopes: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    scopes.iter().map(|scope| scope["scope"].as_str().unwrap().to_owned()).collect()
}

/// Serves at `localhost` and not at the simulator's 127.0.0.1, so that browsers see two sites.
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

async fn invoke(State(endpoint): State<RefresherEndpoint>, body: String) -> Response {
    let payload: Value = serde_json::from_str(&body).unwrap();
    let is_exchange = payload.get("exchange").is_some();
    let refresher = &endpoint.refresher;
    let deadline = Deadline::at(refresher.clock().now() + SignedDuration::from_secs(20));
    let answer = Box::pin(refresher.answer(payload, deadline));
    if is_exchange && endpoint.crashes.load(Ordering::Relaxed) {
        let gate = endpoint.webex.faults().gate(Endpoint::Exchange, Point::AfterEffect);
        select(answer, Box::pin(gate.wait_reached())).await;
        return ([("x-amz-function-error", "Unhandled")], "{}").into_response();
    }
    match answer.await {
        Ok(answer) => answer.to_string().into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
