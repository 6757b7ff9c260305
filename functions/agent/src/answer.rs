//! Answers to callers: vend's own.

use std::time::{Duration, SystemTime};

use broker_core::error::chain;
use client::{Error, VendProblem, VendedToken};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use lambda_kit::problem::{Problem, ProblemKind};
use serde::Serialize;

use crate::token_cache::GrantKey;

/// The time after which a caller may ask again when vend cannot be asked. The agent itself waits no longer either.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// A response of the agent.
pub(crate) type AgentResponse = Response<Full<Bytes>>;

#[derive(Serialize)]
struct LocalToken<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    expires_at: Option<Timestamp>,
    app: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

/// The answer with a token, in vend's form. `now` determines the life that it has left.
pub(crate) fn token(grant: &GrantKey, token: &VendedToken, now: SystemTime) -> AgentResponse {
    let left = token.expires_at.duration_since(now).unwrap_or_default();
    let expires_at = token.expires_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let answer = LocalToken {
        access_token: token.expose(),
        token_type: "Bearer",
        expires_in: left.as_secs(),
        expires_at: Timestamp::from_second(expires_at.cast_signed()).ok(),
        app: &grant.app,
        subject: token.subject.as_deref().unwrap_or(&grant.subject),
        scope: token.scope.as_deref(),
    };
    json(StatusCode::OK, "application/json", &answer)
}

/// The answer for a request that got no token.
pub(crate) fn failure(error: &Error) -> AgentResponse {
    let problem = match error {
        Error::Refused(problem) => return refused(problem),
        Error::Address => Problem::new(ProblemKind::BadRequest, "the app or the subject cannot stand in an address"),
        Error::Identity(_) | Error::Unreachable(_) | Error::UnexpectedAnswer { .. } => {
            let detail = format!("the agent gets no token from vend: {}", chain(error));
            Problem::new(ProblemKind::Unavailable, detail).retry_after(ASK_AGAIN)
        }
    };
    self::problem(problem)
}

/// vend's own refusal.
fn refused(problem: &VendProblem) -> AgentResponse {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = json(status, "application/problem+json", problem);
    if let Some(after) = problem.retry_after {
        response.headers_mut().insert(RETRY_AFTER, whole_seconds(after).into());
    }
    response
}

/// A refusal of the agent itself.
pub(crate) fn problem(problem: Problem) -> AgentResponse {
    let (parts, body) = problem.into_response().into_parts();
    Response::from_parts(parts, Full::new(Bytes::from(body.to_vec())))
}

/// The answer to a health check.
pub(crate) fn healthy() -> AgentResponse {
    json(StatusCode::OK, "application/json", &serde_json::json!({"status": "ok"}))
}

fn json(status: StatusCode, content_type: &'static str, body: &impl Serialize) -> AgentResponse {
    // None of our documents has a map with keys that are no text, the one thing that fails.
    let text = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn whole_seconds(after: Duration) -> u64 {
    if after.subsec_nanos() > 0 { after.as_secs() + 1 } else { after.as_secs() }
}
