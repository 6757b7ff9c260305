//! `packs/{app}/{number}`: the records of many quiet grants of an app.
//!
//! The depths and the times can be read by eye. The records are compressed, because they differ in little but their tokens:
//! four times as many fit into a secret.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_core::id::{GrantId, OrgId};
use broker_core::port::{Stored, Version};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::grant::wire::Rfc3339;
use super::{Defect, SecretText, grant, parse};
use crate::pack::{Pack, PackId, PackKey, PackNumber};

/// The only version of the document so far.
const VERSION: u64 = 1;

/// Most characters of a document: three quarters of what Secrets Manager takes.
const LARGEST: usize = 49_152;

/// Most bytes that records are decompressed to. It is far above what fits into a secret in honesty.
const LARGEST_RECORDS: usize = 4 << 20;

/// The level of compression of `zlib` that most programs use.
const LEVEL: u8 = 6;

#[derive(Deserialize)]
struct PackReader {
    version: u64,
    app: String,
    pack: String,
    depths: Vec<u8>,
    copied_from: Option<String>,
    #[serde(default)]
    merged_at: Vec<Rfc3339>,
    records: String,
}

#[derive(Serialize)]
struct PackWriter<'a> {
    version: u64,
    app: &'a str,
    pack: String,
    depths: &'a [u8],
    #[serde(skip_serializing_if = "Option::is_none")]
    copied_from: Option<String>,
    merged_at: &'a [jiff::Timestamp],
    records: String,
}

/// One record, and the version of its own secret.
#[derive(Serialize, Deserialize)]
struct PackedRecord {
    from: String,
    record: Box<RawValue>,
}

/// Reads the pack `id`.
pub(crate) fn read(id: &PackId, text: &str) -> Result<Pack, Defect> {
    let fields: PackReader = parse(text)?;
    if fields.version != VERSION {
        return Err(format!("version: expected {VERSION}"));
    }
    // Vending from a copied pack would give one app's tokens to callers of another.
    if fields.app != id.app.as_str() || fields.pack != id.number.to_string() {
        return Err("app or pack: differs from the secret's name".into());
    }
    let is_rising = fields.depths.is_sorted_by(|a, b| a < b);
    if fields.depths.is_empty() || !is_rising || fields.depths.iter().any(|depth| *depth > PackKey::BITS) {
        return Err("depths: expected rising numbers".into());
    }
    let copied_from = match fields.copied_from.as_deref().map(PackNumber::parse) {
        None => None,
        Some(Some(number)) => Some(number),
        Some(None) => return Err("copied_from: expected the number of a pack".into()),
    };
    Ok(Pack {
        depths: fields.depths,
        copied_from,
        merged_at: fields.merged_at.into_iter().map(Rfc3339::into_inner).collect(),
        records: read_records(id, &fields.records)?,
    })
}

fn read_records(id: &PackId, text: &str) -> Result<BTreeMap<OrgId, Stored>, Defect> {
    let Ok(compressed) = STANDARD.decode(text) else {
        return Err("records: expected base64".into());
    };
    let Ok(json) = decompress_to_vec_with_limit(&compressed, LARGEST_RECORDS) else {
        return Err("records: expected deflated JSON".into());
    };
    let Ok(entries) = serde_json::from_slice::<BTreeMap<String, PackedRecord>>(&json) else {
        return Err("records: expected records by organisation".into());
    };
    let mut records = BTreeMap::new();
    for (subject, PackedRecord { from, record }) in entries {
        let Ok(org) = OrgId::parse(&subject) else {
            return Err("records: expected organisations".into());
        };
        let grant = grant::read(&GrantId::new(id.app.clone(), org.clone().into()), record.get())?;
        records.insert(org, Stored { grant, version: Version(from) });
    }
    Ok(records)
}

/// Writes the pack. An error if a record cannot be written.
pub(crate) fn write(id: &PackId, pack: &Pack) -> Result<SecretText, Defect> {
    let mut entries = BTreeMap::new();
    for (org, Stored { grant, version }) in &pack.records {
        let record = RawValue::from_string(grant::write(grant)?.as_str().to_owned());
        let record = record.map_err(|_| "cannot be written as JSON")?;
        entries.insert(org.as_str(), PackedRecord { from: version.0.clone(), record });
    }
    let Ok(json) = serde_json::to_vec(&entries) else {
        return Err("cannot be written as JSON".into());
    };
    let writer = PackWriter {
        version: VERSION,
        app: id.app.as_str(),
        pack: id.number.to_string(),
        depths: &pack.depths,
        copied_from: pack.copied_from.map(|number| number.to_string()),
        merged_at: &pack.merged_at,
        records: STANDARD.encode(compress_to_vec(&json, LEVEL)),
    };
    match serde_json::to_string(&writer) {
        Ok(text) => Ok(SecretText::new(text)),
        Err(_) => Err("cannot be written as JSON".into()),
    }
}

/// Whether a secret has room for the pack, and for what its records may grow by.
pub(crate) fn has_room_for(pack: &Pack) -> bool {
    let Some(Stored { grant, .. }) = pack.records.values().next() else { return true };
    let id = PackId { app: grant.id.app.clone(), number: PackNumber::FIRST };
    match write(&id, pack) {
        Ok(text) => text.as_str().len() <= LARGEST,
        // It says so again when it is written.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests;
