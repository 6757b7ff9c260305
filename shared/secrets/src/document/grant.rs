//! `grants/{app}/{subject}`: written by the refresher alone.

mod wire;

use broker_core::grant::{Grant, State};
use broker_core::id::GrantId;
use broker_core::pair::Pair;
use broker_core::token::RefreshToken;
use serde::Deserialize;

use self::wire::Moment;
use super::{Document, Reason, filled, parse};

/// The only version of the document that there is.
const VERSION: u64 = 1;

#[derive(Deserialize)]
struct WireVersion {
    version: u64,
}

/// Reads the record of the grant `id`.
pub(crate) fn read(id: &GrantId, text: &str) -> Result<Grant, Reason> {
    // First and alone: of another version nothing else can be judged.
    if parse::<WireVersion>(text)?.version != VERSION {
        return Err(format!("version: expected {VERSION}"));
    }
    let mut wire: wire::Read = parse(text)?;
    named("app", &wire.app, id.app.as_str())?;
    named("subject", &wire.subject, id.subject.as_str())?;
    let time = |moment: Option<Moment>| moment.map(|Moment(time)| time);
    Ok(Grant {
        id: id.clone(),
        state: wire.state,
        pair: pair(&mut wire)?,
        authorized_at: time(wire.authorized_at),
        renewed_at: time(wire.renewed_at),
        fenced_at: time(wire.fenced_at),
        renewing_since: time(wire.renewing_since),
        failure: wire.failure.map(Into::into),
        writes: wire.writes,
        issued: wire.issued,
        caller_renewals: wire.caller_renewals.into_iter().map(|Moment(time)| time).collect(),
    })
}

/// A record that was copied under another name would vend one org's token to another.
fn named(field: &str, written: &str, name: &str) -> Result<(), Reason> {
    if written == name { Ok(()) } else { Err(format!("{field}: differs from the secret's name")) }
}

/// The pair, whole or not at all. A revoked record has none, whatever somebody left in it.
fn pair(wire: &mut wire::Read) -> Result<Option<Pair>, Reason> {
    let tokens = wire.access_token.is_some() || wire.refresh_token.is_some();
    if wire.state == State::Revoked || !(tokens || wire.state == State::Active) {
        return Ok(None);
    }
    let access_token = wire.access_token.take().ok_or("missing field `access_token`")?;
    let ends = wire.access_token_expires_at;
    let Moment(access_token_expires_at) = ends.ok_or("missing field `access_token_expires_at`")?;
    let refresh_token = wire.refresh_token.take();
    filled("access_token", access_token.is_empty())?;
    filled("refresh_token", refresh_token.as_ref().is_some_and(RefreshToken::is_empty))?;
    Ok(Some(Pair {
        access_token,
        access_token_expires_at,
        refresh_token,
        refresh_token_expires_at: wire.refresh_token_expires_at.map(|Moment(time)| time),
        scope: wire.scope.take(),
    }))
}

/// Writes the record. What could not be read again is not written: a reason instead.
pub(crate) fn write(grant: &Grant) -> Result<Document, Reason> {
    let text = serde_json::to_string(&wire::Write::of(grant, VERSION)).map_err(|_| "cannot be written as JSON")?;
    read(&grant.id, &text)?;
    Ok(Document::new(text))
}

#[cfg(test)]
mod tests;
