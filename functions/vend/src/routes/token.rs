//! `GET /v1/apps/{app}/grants/{subject}/token`.

use broker_core::clock::Clock;
use broker_core::id::GrantId;
use broker_core::pair::Pair;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use lambda_kit::http_function;
use secrets::CachedPair;
use serde::Serialize;

use super::request::GrantHttpRequest;
use super::revealed::RevealedToken;
use crate::audit::AuditRecord;
use crate::error::Error;
use crate::input;
use crate::tokens::TokenService;

/// The response: the fields of RFC 6749 section 5.1, and the grant.
#[derive(Serialize)]
struct TokenAnswer<'a> {
    access_token: RevealedToken<'a>,
    token_type: &'static str,
    expires_in: i64,
    expires_at: Timestamp,
    app: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

/// Answers with a token that lives for `min_ttl`.
pub(crate) async fn handle<C: Clock>(
    tokens: &TokenService<C>,
    clock: &C,
    request: &GrantHttpRequest<'_>,
    audit: &mut AuditRecord,
) -> Result<Response<Body>, Error> {
    let min_ttl = input::min_ttl(request.http)?;
    let cached = tokens.usable(request.id, min_ttl, request.deadline, audit).await?;
    Ok(respond(request.id, &cached, clock.now(), audit))
}

/// The response with the access token of `cached`.
pub(super) fn respond(id: &GrantId, cached: &CachedPair, now: Timestamp, audit: &mut AuditRecord) -> Response<Body> {
    audit.token = Some(cached.fingerprint);
    http_function::json(StatusCode::OK, &answer(id, &cached.pair, now))
}

fn answer<'a>(id: &'a GrantId, pair: &'a Pair, now: Timestamp) -> TokenAnswer<'a> {
    TokenAnswer {
        access_token: RevealedToken(&pair.access_token),
        token_type: "Bearer",
        expires_in: pair.remaining(now).as_secs(),
        expires_at: pair.access_token_expires_at,
        app: id.app.as_str(),
        subject: id.subject.as_str(),
        scope: pair.scope.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use broker_core::token::{AccessToken, RefreshToken};

    #[test]
    fn answer_has_the_fields_of_the_contract() {
        let now: Timestamp = "2026-11-21T12:00:00.250Z".parse().unwrap();
        let pair = Pair {
            access_token: AccessToken::new("access"),
            access_token_expires_at: "2026-11-21T13:00:00Z".parse().unwrap(),
            refresh_token: Some(RefreshToken::new("canary")),
            refresh_token_expires_at: None,
            scope: Some("spark:all".to_owned()),
        };
        let id = GrantId::parse("reports/default").unwrap();
        let json = serde_json::to_string(&answer(&id, &pair, now)).unwrap();
        insta::assert_snapshot!(json, @r#"{"access_token":"access","token_type":"Bearer","expires_in":3599,"expires_at":"2026-11-21T13:00:00Z","app":"reports","subject":"default","scope":"spark:all"}"#);
    }
}
