//! The requests that the agent answers, which are vend's.

use std::time::Duration;

use broker_core::token::Fingerprint;
use client::{Authorize, TokenClock};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request};
use lambda_kit::problem::{Problem, ProblemKind};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::form_urlencoded;

use crate::answer::{self, AgentResponse};
use crate::state::AgentState;
use crate::token_cache::GrantKey;

/// The life that a token has at least if the caller does not say: as vend's default.
const MIN_TTL: u64 = 300;
/// The largest `min_ttl`, as vend's.
const LARGEST_MIN_TTL: u64 = 604_800;
/// The largest body of a request, in bytes.
const LARGEST_BODY: usize = 4096;

#[derive(Deserialize)]
struct RejectionReport {
    access_token_sha256: Fingerprint,
}

/// Answers one request.
pub(crate) async fn respond<A, C>(state: &AgentState<A, C>, request: Request<Incoming>) -> AgentResponse
where
    A: Authorize + 'static,
    C: TokenClock + Clone + 'static,
{
    if request.uri().path() == "/healthz" {
        return answer::healthy();
    }
    match route(state, request).await {
        Ok(response) => response,
        Err(problem) => answer::problem(*problem),
    }
}

async fn route<A, C>(state: &AgentState<A, C>, request: Request<Incoming>) -> Result<AgentResponse, Box<Problem>>
where
    A: Authorize + 'static,
    C: TokenClock + Clone + 'static,
{
    state.guard.check(request.headers())?;
    let path = request.uri().path().to_owned();
    let segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let (grant, is_report) = match segments[..] {
        ["v1", "apps", app, "grants", subject, "token"] => (grant(app, subject), false),
        ["v1", "apps", app, "grants", subject, "token", "rejected"] => (grant(app, subject), true),
        _ => {
            let detail = "the agent serves /v1/apps/{app}/grants/{subject}/token and …/token/rejected; ask vend itself \
                          for anything else";
            return Err(Box::new(Problem::new(ProblemKind::NotFound, detail)));
        }
    };
    let result = if is_report {
        require(request.method(), &Method::POST, "POST")?;
        let sha256 = rejected_token(request).await?;
        state.tokens.rejected(&grant, sha256).await
    } else {
        require(request.method(), &Method::GET, "GET")?;
        let min_ttl = min_ttl(request.uri().query().unwrap_or_default())?;
        // Its headers would keep hyper's buffer of 8 KB, and hyper would take another one while this caller waits.
        drop(request);
        state.tokens.token(&grant, min_ttl).await
    };
    Ok(match result {
        Ok(token) => answer::token(&grant, &token, state.tokens.now()),
        Err(error) => answer::failure(&error),
    })
}

fn grant(app: &str, subject: &str) -> GrantKey {
    let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    GrantKey { app: decode(app), subject: decode(subject) }
}

fn require(method: &Method, wanted: &Method, name: &'static str) -> Result<(), Box<Problem>> {
    if method == wanted { Ok(()) } else { Err(Box::new(Problem::method(name))) }
}

fn min_ttl(query: &str) -> Result<Duration, Box<Problem>> {
    let Some((_, text)) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "min_ttl") else {
        return Ok(Duration::from_secs(MIN_TTL));
    };
    match text.parse() {
        Ok(seconds) if seconds <= LARGEST_MIN_TTL => Ok(Duration::from_secs(seconds)),
        _ => {
            let detail = format!("min_ttl must be a whole number of seconds from 0 to {LARGEST_MIN_TTL}");
            Err(Box::new(Problem::new(ProblemKind::BadRequest, detail)))
        }
    }
}

/// The SHA-256 of the token that the caller reports, in lower-case hex.
async fn rejected_token(request: Request<Incoming>) -> Result<String, Box<Problem>> {
    let Ok(body) = Limited::new(request.into_body(), LARGEST_BODY).collect().await else {
        let detail = format!("the body is larger than {LARGEST_BODY} bytes, or incomplete");
        return Err(Box::new(Problem::new(ProblemKind::TooLarge, detail)));
    };
    if let Ok(RejectionReport { access_token_sha256 }) = serde_json::from_slice(&body.to_bytes()) {
        return Ok(access_token_sha256.hex());
    }
    let detail = "the body must be {\"access_token_sha256\":\"<64 hexadecimal digits>\"}";
    Err(Box::new(Problem::new(ProblemKind::BadRequest, detail)))
}
