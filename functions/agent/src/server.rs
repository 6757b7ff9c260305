//! The HTTP server on loopback.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use client::{Authorize, TokenClock};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::routes;
use crate::state::AgentState;

/// The most connections at a time; further ones wait. AWS's agent takes 800.
const MOST_CONNECTIONS: usize = 1000;
/// The pause after a connection could not be accepted, for example because the process has no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often tokens are looked at that may have to be renewed. A timer that fires late, after a freeze, does no harm.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(15);
/// The buffer of a connection, in bytes: the guard token of a Lambda function has about 1,200.
const BUFFER: usize = 16 * 1024;

/// Serves requests and renews tokens ahead of their end. `idle` is the time after which a connection without a request is
/// closed; `None` where a freeze would make that time end just as the next request arrives.
pub async fn serve<A, C>(listener: TcpListener, state: Arc<AgentState<A, C>>, idle: Option<Duration>) -> Infallible
where
    A: Authorize + 'static,
    C: TokenClock + Clone + 'static,
{
    let tokens = Arc::clone(&state.tokens);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(RENEWAL_INTERVAL).await;
            tokens.renew_due().await;
        }
    });
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let permit = Arc::clone(&connections).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    serve_connection(stream, state, idle).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(outcome = "not_accepted", "cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_connection<A, C>(stream: TcpStream, state: Arc<AgentState<A, C>>, idle: Option<Duration>)
where
    A: Authorize + 'static,
    C: TokenClock + Clone + 'static,
{
    let service = service_fn(|request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(routes::respond(&state, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(idle).max_buf_size(BUFFER);
    // A caller that goes away ends the connection with an error, which nobody needs to see.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
