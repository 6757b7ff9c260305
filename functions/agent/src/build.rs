//! Puts the parts together.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use client::{SystemTokenClock, VendClient};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use lambda_kit::config::environment;
use tokio::net::TcpListener;

use crate::guard::Guard;
use crate::identity::AgentIdentity;
use crate::server::serve;
use crate::settings::Settings;
use crate::state::AgentState;
use crate::token_cache::TokenCache;
use crate::{guard_token, local_http};

/// The time after which a daemon closes a connection without a request.
const IDLE: Duration = Duration::from_mins(10);
/// The longest wait for the answer to a health check.
const HEALTH_TIME_OUT: Duration = Duration::from_secs(2);

/// The tokens of the deployment in `settings`.
pub(crate) fn token_cache(settings: &Settings) -> Result<Arc<TokenCache<AgentIdentity, SystemTokenClock>>, String> {
    let vend = settings.vend().map_err(|error| error.to_string())?;
    let identity = AgentIdentity::new(settings);
    TokenCache::new(vend.as_str(), identity, SystemTokenClock).map_err(|error| error.to_string())
}

/// A client of the deployment in `settings`, without the agent's own rules.
pub(crate) fn vend_client(settings: &Settings) -> Result<VendClient<AgentIdentity>, String> {
    let vend = settings.vend().map_err(|error| error.to_string())?;
    VendClient::new(vend.as_str(), AgentIdentity::new(settings)).map_err(|error| error.to_string())
}

/// Listens on 127.0.0.1, and on no other address.
pub(crate) async fn listen(port: u16) -> Result<TcpListener, String> {
    let address = loopback(port);
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address} (AGENT_PORT): {error}"))
}

/// Serves tokens to the callers on this machine.
pub(crate) async fn serve_on_loopback() -> Result<(), String> {
    let settings = Settings::read(&environment).map_err(|error| error.to_string())?;
    let tokens = token_cache(&settings)?;
    let path = &settings.guard_file;
    let token = guard_token::of_file(path)
        .map_err(|error| format!("the guard file {} (AGENT_GUARD_FILE) cannot be used: {error}", path.display()))?;
    let listener = listen(settings.port).await?;
    let state = AgentState { guard: Guard::new(&token), tokens };
    tracing::info!(outcome = "started", "listening on {}", loopback(settings.port));
    match serve(listener, Arc::new(state), Some(IDLE)).await {}
}

/// Asks the agent on this machine whether it serves.
pub(crate) async fn check_health() -> Result<(), String> {
    let settings = Settings::read(&environment).map_err(|error| error.to_string())?;
    let address = loopback(settings.port).to_string();
    let request = Request::get("/healthz").header("host", &address).body(Full::<Bytes>::default());
    let request = request.map_err(|error| error.to_string())?;
    let answer = tokio::time::timeout(HEALTH_TIME_OUT, local_http::send(&address, request)).await;
    match answer {
        Ok(Ok(response)) if response.status() == 200 => Ok(()),
        Ok(Ok(response)) => Err(format!("{address} is not the agent: it answers {}", response.status())),
        Ok(Err(error)) => Err(format!("no agent serves on {address}: {error}")),
        Err(_) => Err(format!("the agent on {address} does not answer")),
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
