//! The agent as an extension of a Lambda function.
//!
//! Lambda freezes the environment when the function has answered and every extension asks for the next event. So the agent
//! asks only when its renewals are done, or have taken too long: then no request to vend is cut by a freeze.
//! Source: AWS Lambda Developer Guide, "Using the Lambda Extensions API to create extensions".

mod api;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use client::SystemTokenClock;
use lambda_kit::config::environment;
use tokio::net::TcpListener;

use crate::guard::Guard;
use crate::identity::AgentIdentity;
use crate::server::serve;
use crate::settings::Settings;
use crate::state::AgentState;
use crate::{build, guard_token};
use api::{ExtensionApi, LifecycleEvent};

/// The longest time by which renewals make an invocation longer.
const LONGEST_RENEWAL: Duration = Duration::from_secs(3);

/// Serves the function until Lambda shuts the environment down.
pub(crate) async fn run() -> ExitCode {
    let Some(address) = environment("AWS_LAMBDA_RUNTIME_API") else {
        tracing::error!(
            outcome = "not_started",
            "AWS_LAMBDA_RUNTIME_API is not set: outside of Lambda use a command; see --help"
        );
        return ExitCode::from(2);
    };
    // The agent listens before it registers, so that it is there when the function starts.
    let prepared = prepare().await;
    let outcome = match ExtensionApi::register(address).await {
        Ok(api) => serve_events(&api, prepared).await,
        Err(error) => Err(format!("the Extensions API refused the registration: {error}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            tracing::error!(outcome = "ended", "{reason}");
            ExitCode::FAILURE
        }
    }
}

type Prepared = (TcpListener, Arc<AgentState<AgentIdentity, SystemTokenClock>>);

async fn prepare() -> Result<Prepared, String> {
    let settings = Settings::read(&environment).map_err(|error| error.to_string())?;
    let tokens = build::token_cache(&settings)?;
    let Some(token) = guard_token::of_lambda(&environment) else {
        return Err("AWS_SESSION_TOKEN is not set, so callers have nothing to identify themselves with".to_owned());
    };
    let listener = build::listen(settings.port).await?;
    Ok((listener, Arc::new(AgentState { guard: Guard::new(&token), tokens })))
}

async fn serve_events(api: &ExtensionApi, prepared: Result<Prepared, String>) -> Result<(), String> {
    let (listener, state) = match prepared {
        Ok(prepared) => prepared,
        Err(reason) => {
            // Lambda shows it to whoever deploys the function. That the report fails is worth less than the reason.
            let _ = api.report_init_error(&reason).await;
            return Err(reason);
        }
    };
    let tokens = Arc::clone(&state.tokens);
    tokio::spawn(serve(listener, state, None));
    loop {
        let event = api.next_event().await.map_err(|error| format!("the Extensions API gave no event: {error}"))?;
        match event {
            LifecycleEvent::Invoke => {
                let _ = tokio::time::timeout(LONGEST_RENEWAL, tokens.renew_due()).await;
            }
            LifecycleEvent::Shutdown => return Ok(()),
        }
    }
}
