//! The grant's document, field by field in the order of the contract.

use broker_core::grant::{Failure, Grant, OrgDisplayName, State, Tally, Transition};
use broker_core::pair::Pair;
use broker_core::token::{AccessToken, RefreshToken};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The document as it is read.
#[derive(Deserialize)]
pub(super) struct GrantReader {
    pub(super) app: String,
    pub(super) subject: String,
    pub(super) state: State,
    pub(super) access_token: Option<AccessToken>,
    pub(super) access_token_expires_at: Option<Rfc3339>,
    pub(super) refresh_token: Option<RefreshToken>,
    pub(super) refresh_token_expires_at: Option<Rfc3339>,
    pub(super) scope: Option<String>,
    pub(super) authorized_at: Option<Rfc3339>,
    pub(super) renewed_at: Option<Rfc3339>,
    pub(super) fenced_at: Option<Rfc3339>,
    pub(super) renewing_since: Option<Rfc3339>,
    pub(super) failure: Option<FailureReader>,
    #[serde(default, deserialize_with = "tally")]
    pub(super) writes: Tally,
    #[serde(default, deserialize_with = "tally")]
    pub(super) issued: Tally,
    #[serde(default)]
    pub(super) caller_renewals: Vec<Rfc3339>,
    #[serde(default)]
    pub(super) blocked: bool,
    pub(super) org_name: Option<String>,
    #[serde(default)]
    pub(super) org_name_withheld: bool,
    #[serde(default, deserialize_with = "history")]
    pub(super) history: Vec<Transition>,
}

#[derive(Deserialize)]
pub(super) struct FailureReader {
    pub(super) since: Rfc3339,
    pub(super) attempts: u32,
    pub(super) code: String,
    pub(super) tracking_id: Option<String>,
    pub(super) last_at: Option<Rfc3339>,
}

/// A time. Its error, unlike jiff's, does not quote the text.
#[derive(Clone, Copy)]
pub(in crate::document) struct Rfc3339(Timestamp);

impl Rfc3339 {
    pub(in crate::document) fn into_inner(self) -> Timestamp {
        self.0
    }
}

impl<'de> Deserialize<'de> for Rfc3339 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse() {
            Ok(time) => Ok(Self(time)),
            Err(_) => Err(serde::de::Error::custom("expected an RFC 3339 time")),
        }
    }
}

/// Reads a tally. The error names the field alone: keys and jiff's error would quote the document.
fn tally<'de, D: Deserializer<'de>>(from: D) -> Result<Tally, D::Error> {
    let value = Value::deserialize(from)?;
    match serde_json::from_value::<Option<Tally>>(value) {
        Ok(tally) => Ok(tally.unwrap_or_default()),
        Err(_) => Err(serde::de::Error::custom("expected counts by RFC 3339 time")),
    }
}

/// Reads a history. Entries of a later release that this one does not understand are left out: a history is no reason to
/// call a record unreadable.
fn history<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Transition>, D::Error> {
    let Value::Array(entries) = Value::deserialize(from)? else { return Ok(Vec::new()) };
    Ok(entries.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect())
}

impl From<FailureReader> for Failure {
    fn from(fields: FailureReader) -> Self {
        Self {
            since: fields.since.into_inner(),
            attempts: fields.attempts,
            code: fields.code,
            tracking_id: fields.tracking_id,
            last_at: fields.last_at.map(Rfc3339::into_inner),
        }
    }
}

/// The document as it is written: the only place of this crate that takes tokens out of their types.
#[derive(Serialize)]
pub(super) struct GrantWriter<'a> {
    version: u64,
    app: &'a str,
    subject: &'a str,
    state: State,
    #[serde(flatten)]
    tokens: Option<TokensWriter<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorized_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fenced_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureWriter<'a>>,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    writes: &'a Tally,
    #[serde(skip_serializing_if = "Tally::is_empty")]
    issued: &'a Tally,
    #[serde(skip_serializing_if = "<[Timestamp]>::is_empty")]
    caller_renewals: &'a [Timestamp],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_name: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    org_name_withheld: bool,
    #[serde(skip_serializing_if = "<[Transition]>::is_empty")]
    history: &'a [Transition],
}

#[derive(Serialize)]
struct TokensWriter<'a> {
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
struct FailureWriter<'a> {
    since: Timestamp,
    attempts: u32,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<Timestamp>,
}

impl<'a> GrantWriter<'a> {
    pub(super) fn new(grant: &'a Grant, version: u64) -> Self {
        Self {
            version,
            app: grant.id.app.as_str(),
            subject: grant.id.subject.as_str(),
            state: grant.state,
            tokens: tokens_to_write(grant),
            authorized_at: grant.authorized_at,
            renewed_at: grant.renewed_at,
            fenced_at: grant.fenced_at,
            renewing_since: grant.renewing_since,
            claim: None,
            failure: grant.failure.as_ref().map(failure),
            writes: &grant.writes,
            issued: &grant.issued,
            caller_renewals: &grant.caller_renewals,
            blocked: grant.blocked,
            org_name: grant.org_name.known(),
            org_name_withheld: grant.org_name == OrgDisplayName::Withheld,
            history: &grant.history,
        }
    }

    pub(super) fn with_claim(self, mark: &'a str) -> Self {
        Self { claim: Some(mark), ..self }
    }
}

/// A revoked record is written without tokens.
fn tokens_to_write(grant: &Grant) -> Option<TokensWriter<'_>> {
    match (&grant.pair, grant.state) {
        (None, _) | (_, State::Revoked) => None,
        (Some(pair), _) => Some(tokens(pair)),
    }
}

fn tokens(pair: &Pair) -> TokensWriter<'_> {
    TokensWriter {
        access_token: pair.access_token.expose(),
        access_token_expires_at: pair.access_token_expires_at,
        refresh_token: pair.refresh_token.as_ref().map(RefreshToken::expose),
        refresh_token_expires_at: pair.refresh_token_expires_at,
        scope: pair.scope.as_deref(),
    }
}

fn failure(failure: &Failure) -> FailureWriter<'_> {
    FailureWriter {
        since: failure.since,
        attempts: failure.attempts,
        code: &failure.code,
        tracking_id: failure.tracking_id.as_deref(),
        last_at: failure.last_at,
    }
}
