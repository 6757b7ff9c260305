//! An OIDC issuer on loopback: discovery and keys, counted, and down when a test says so.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::keys::Key;

/// What the issuer publishes.
#[derive(Default)]
struct Published {
    discovery: Value,
    keys: Vec<Value>,
    down: bool,
    /// Requests for either document.
    asked: [usize; 2],
}

type Shared = Arc<Mutex<Published>>;

/// An issuer.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    published: Shared,
}

impl Issuer {
    /// Listens, with these keys.
    pub(crate) async fn start(keys: &[&Key]) -> Self {
        let published = Shared::default();
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(key_set))
            .with_state(Arc::clone(&published));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self { url, published };
        issuer.describe(json!({"issuer": issuer.url, "jwks_uri": format!("{}/keys", issuer.url)}));
        issuer.publish(keys);
        issuer
    }

    /// Has these keys from now on.
    pub(crate) fn publish(&self, keys: &[&Key]) {
        self.publish_raw(keys.iter().map(|key| key.jwk()).collect());
    }

    pub(crate) fn publish_raw(&self, keys: Vec<Value>) {
        self.published.lock().unwrap().keys = keys;
    }

    /// Says this about itself from now on.
    pub(crate) fn describe(&self, discovery: Value) {
        self.published.lock().unwrap().discovery = discovery;
    }

    pub(crate) fn outage(&self, down: bool) {
        self.published.lock().unwrap().down = down;
    }

    /// How often it was asked for its discovery document and for its keys.
    pub(crate) fn asked(&self) -> [usize; 2] {
        self.published.lock().unwrap().asked
    }

    /// As an entry of `OIDC_ISSUERS`.
    pub(crate) fn trusted_for(&self, audience: &str) -> Value {
        json!({"issuer": self.url, "audience": audience})
    }
}

async fn discovery(State(published): State<Shared>) -> Result<Json<Value>, StatusCode> {
    answer(&published, 0, |published| published.discovery.clone())
}

async fn key_set(State(published): State<Shared>) -> Result<Json<Value>, StatusCode> {
    answer(&published, 1, |published| json!({"keys": published.keys}))
}

fn answer(shared: &Shared, which: usize, tell: impl Fn(&Published) -> Value) -> Result<Json<Value>, StatusCode> {
    let mut published = shared.lock().unwrap();
    published.asked[which] += 1;
    if published.down { Err(StatusCode::BAD_GATEWAY) } else { Ok(Json(tell(&published))) }
}
