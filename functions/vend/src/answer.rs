//! Answers that hold a token.

use broker_core::id::GrantId;
use broker_core::pair::Pair;
use broker_core::token::AccessToken;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use lambda_kit::http_function;
use serde::{Serialize, Serializer};
use webex::Guest;

/// An access token on its way to a caller: the only place in this function where one is shown.
struct Shown<'a>(&'a AccessToken);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose())
    }
}

/// The shape of RFC 6749 section 5.1, and whose token it is.
#[derive(Serialize)]
struct Vended<'a> {
    access_token: Shown<'a>,
    token_type: &'static str,
    expires_in: i64,
    expires_at: Timestamp,
    app: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

#[derive(Serialize)]
struct Invitation<'a> {
    access_token: Shown<'a>,
    token_type: &'static str,
    expires_in: i64,
    guest_id: &'a str,
}

/// The access token of `pair`, with the whole seconds that are left of it at `now`.
pub(crate) fn token(id: &GrantId, pair: &Pair, now: Timestamp) -> Response<Body> {
    let vended = Vended {
        access_token: Shown(&pair.access_token),
        token_type: "Bearer",
        expires_in: pair.remaining(now).as_secs(),
        expires_at: pair.access_token_expires_at,
        app: id.app.as_str(),
        subject: id.subject.as_str(),
        scope: pair.scope.as_deref(),
    };
    http_function::json(StatusCode::OK, &vended)
}

/// A guest's token.
pub(crate) fn guest(guest: &Guest) -> Response<Body> {
    let invitation = Invitation {
        access_token: Shown(&guest.access_token),
        token_type: "Bearer",
        expires_in: guest.expires_in.as_secs(),
        guest_id: &guest.id,
    };
    http_function::json(StatusCode::OK, &invitation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_answered_as_the_contract_says() {
        let now: Timestamp = "2026-11-21T12:00:00.250Z".parse().unwrap();
        let pair = Pair {
            access_token: AccessToken::new("access"),
            access_token_expires_at: "2026-11-21T13:00:00Z".parse().unwrap(),
            refresh_token: Some(broker_core::token::RefreshToken::new("canary")),
            refresh_token_expires_at: None,
            scope: Some("spark:all".to_owned()),
        };
        let response = token(&GrantId::parse("reports/default").unwrap(), &pair, now);
        assert_eq!(response.headers()["cache-control"], "no-store");
        insta::assert_snapshot!(String::from_utf8_lossy(response.body()), @r#"{"access_token":"access","token_type":"Bearer","expires_in":3599,"expires_at":"2026-11-21T13:00:00Z","app":"reports","subject":"default","scope":"spark:all"}"#);
    }
}
