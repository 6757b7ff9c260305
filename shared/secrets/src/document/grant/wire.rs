//! The grant's document, field by field in the order of the contract.

use broker_core::grant::{Failure, Grant, State, Tally};
use broker_core::pair::Pair;
use broker_core::token::{AccessToken, RefreshToken};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

#[derive(Deserialize)]
pub(super) struct Read {
    pub(super) app: String,
    pub(super) subject: String,
    pub(super) state: State,
    pub(super) access_token: Option<AccessToken>,
    pub(super) access_token_expires_at: Option<Moment>,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) refresh_token_expires_at: Option<Moment>,
    pub(super) scope: Option<String>,
    pub(super) authorized_at: Option<Moment>,
    pub(super) renewed_at: Option<Moment>,
    pub(super) fenced_at: Option<Moment>,
    pub(super) renewing_since: Option<Moment>,
    pub(super) failure: Option<ReadFailure>,
    #[serde(default)]
    pub(super) writes: Tally,
    #[serde(default)]
    pub(super) issued: Tally,
    #[serde(default)]
    pub(super) caller_renewals: Vec<Moment>,
}

#[derive(Deserialize)]
pub(super) struct ReadFailure {
    pub(super) since: Moment,
    pub(super) attempts: u32,
    pub(super) code: String,
    pub(super) tracking_id: Option<String>,
    pub(super) last_at: Option<Moment>,
}

/// A time whose reader, unlike jiff's, does not quote what it could not read.
#[derive(Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = String::deserialize(from)?;
        let time = written.parse().map(Self);
        time.map_err(|_| serde::de::Error::custom("expected an RFC 3339 time"))
    }
}

impl From<ReadFailure> for Failure {
    fn from(wire: ReadFailure) -> Self {
        Self {
            since: wire.since.0,
            attempts: wire.attempts,
            code: wire.code,
            tracking_id: wire.tracking_id,
            last_at: wire.last_at.map(|Moment(time)| time),
        }
    }
}

/// The one place of this crate that takes tokens out of their types.
#[derive(Serialize)]
pub(super) struct Write<'a> {
    version: u64,
    app: &'a str,
    subject: &'a str,
    state: State,
    #[serde(flatten)]
    tokens: Option<WriteTokens<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorized_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fenced_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<WriteFailure<'a>>,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    writes: &'a Tally,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    issued: &'a Tally,
    #[serde(skip_serializing_if = "<[Timestamp]>::is_empty")]
    caller_renewals: &'a [Timestamp],
}

#[derive(Serialize)]
struct WriteTokens<'a> {
    access_token: &'a str,
    access_token_expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

#[derive(Serialize)]
struct WriteFailure<'a> {
    since: Timestamp,
    attempts: u32,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<Timestamp>,
}

impl<'a> Write<'a> {
    pub(super) fn of(grant: &'a Grant, version: u64) -> Self {
        Self {
            version,
            app: grant.id.app.as_str(),
            subject: grant.id.subject.as_str(),
            state: grant.state,
            tokens: grant.pair.as_ref().filter(|_| grant.state != State::Revoked).map(tokens),
            authorized_at: grant.authorized_at,
            renewed_at: grant.renewed_at,
            fenced_at: grant.fenced_at,
            renewing_since: grant.renewing_since,
            failure: grant.failure.as_ref().map(failure),
            writes: &grant.writes,
            issued: &grant.issued,
            caller_renewals: &grant.caller_renewals,
        }
    }
}

fn tokens(pair: &Pair) -> WriteTokens<'_> {
    WriteTokens {
        access_token: pair.access_token.expose(),
        access_token_expires_at: pair.access_token_expires_at,
        refresh_token: pair.refresh_token.as_ref().map(RefreshToken::expose),
        refresh_token_expires_at: pair.refresh_token_expires_at,
        scope: pair.scope.as_deref(),
    }
}

fn failure(failure: &Failure) -> WriteFailure<'_> {
    WriteFailure {
        since: failure.since,
        attempts: failure.attempts,
        code: &failure.code,
        tracking_id: failure.tracking_id.as_deref(),
        last_at: failure.last_at,
    }
}
