//! `grants/{app}/{subject}`: written by the refresher alone.

pub(super) mod wire;

use broker_core::grant::{Grant, OrgDisplayName, State};
use broker_core::id::GrantId;
use broker_core::pair::Pair;
use serde::Deserialize;

use self::wire::{GrantReader, GrantWriter, Rfc3339};
use super::{Defect, SecretText, parse, require_filled};

/// The only version of the document so far.
const VERSION: u64 = 1;

#[derive(Deserialize)]
struct DocumentVersion {
    version: u64,
}

/// Reads the record of the grant `id`.
pub(crate) fn read(id: &GrantId, text: &str) -> Result<Grant, Defect> {
    // The version comes first: the other fields of another version may mean anything.
    if parse::<DocumentVersion>(text)?.version != VERSION {
        return Err(format!("version: expected {VERSION}"));
    }
    let mut fields: GrantReader = parse(text)?;
    require_name("app", &fields.app, id.app.as_str())?;
    require_name("subject", &fields.subject, id.subject.as_str())?;
    Ok(Grant {
        pair: pair(&mut fields)?,
        authorized_at: fields.authorized_at.map(Rfc3339::into_inner),
        renewed_at: fields.renewed_at.map(Rfc3339::into_inner),
        fenced_at: fields.fenced_at.map(Rfc3339::into_inner),
        renewing_since: fields.renewing_since.map(Rfc3339::into_inner),
        failure: fields.failure.map(Into::into),
        writes: fields.writes,
        issued: fields.issued,
        caller_renewals: fields.caller_renewals.into_iter().map(Rfc3339::into_inner).collect(),
        blocked: fields.blocked,
        org_name: org_name(fields.org_name, fields.org_name_withheld),
        history: fields.history,
        ..Grant::empty(id.clone(), fields.state)
    })
}

fn org_name(known: Option<String>, is_withheld: bool) -> OrgDisplayName {
    match known {
        Some(name) => OrgDisplayName::Known(name),
        None if is_withheld => OrgDisplayName::Withheld,
        None => OrgDisplayName::Unknown,
    }
}

/// An error if the document belongs to another secret: vending a copied record would give one org's token to another.
fn require_name(field: &str, written: &str, name: &str) -> Result<(), Defect> {
    if written == name { Ok(()) } else { Err(format!("{field}: differs from the secret's name")) }
}

/// The pair, complete or not at all. A revoked record has none, even if tokens were left in the document.
fn pair(fields: &mut GrantReader) -> Result<Option<Pair>, Defect> {
    let has_tokens = fields.access_token.is_some() || fields.refresh_token.is_some();
    let holds_pair = fields.state == State::Active || (has_tokens && fields.state != State::Revoked);
    if !holds_pair {
        return Ok(None);
    }
    let Some(access_token) = fields.access_token.take() else {
        return Err("missing field `access_token`".into());
    };
    let Some(access_token_expires_at) = fields.access_token_expires_at else {
        return Err("missing field `access_token_expires_at`".into());
    };
    let refresh_token = fields.refresh_token.take();
    require_filled("access_token", access_token.is_empty())?;
    if let Some(refresh_token) = &refresh_token {
        require_filled("refresh_token", refresh_token.is_empty())?;
    }
    Ok(Some(Pair {
        access_token,
        access_token_expires_at: access_token_expires_at.into_inner(),
        refresh_token,
        refresh_token_expires_at: fields.refresh_token_expires_at.map(Rfc3339::into_inner),
        scope: fields.scope.take(),
    }))
}

/// Writes the record. An error if [`read`] would refuse the document.
pub(crate) fn write(grant: &Grant) -> Result<SecretText, Defect> {
    checked(&GrantWriter::new(grant, VERSION), grant)
}

/// Writes the record with `mark`, which tells this document from that of any other claim. Readers ignore it.
pub(crate) fn write_claim(grant: &Grant, mark: &str) -> Result<SecretText, Defect> {
    checked(&GrantWriter::new(grant, VERSION).with_claim(mark), grant)
}

fn checked(writer: &GrantWriter<'_>, grant: &Grant) -> Result<SecretText, Defect> {
    let Ok(text) = serde_json::to_string(writer) else {
        return Err("cannot be written as JSON".into());
    };
    read(&grant.id, &text)?;
    Ok(SecretText::new(text))
}

#[cfg(test)]
mod tests;
