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
mod tests {
    use broker_core::grant::Grant;
    use broker_core::id::AppName;
    use broker_core::pair::Pair;
    use broker_core::token::{AccessToken, RefreshToken};
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn id() -> PackId {
        PackId { app: AppName::parse("reports").unwrap(), number: PackNumber::FIRST }
    }

    fn org(n: usize) -> OrgId {
        OrgId::parse(&format!("{n:08x}-0000-4000-8000-000000000000")).unwrap()
    }

    /// A record with tokens as random as Webex's.
    fn record(n: usize) -> Stored {
        let mut random = fastrand::Rng::with_seed(u64::try_from(n).unwrap());
        let mut token = || std::iter::repeat_with(|| random.alphanumeric()).take(107).collect::<String>();
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let pair = Pair {
            access_token: AccessToken::new(token()),
            access_token_expires_at: now + SignedDuration::from_hours(14 * 24),
            refresh_token: Some(RefreshToken::new(token())),
            refresh_token_expires_at: Some(now + SignedDuration::from_hours(90 * 24)),
            scope: Some("spark-admin:reports_read spark-admin:people_read".to_owned()),
        };
        let grant = Grant::pending(GrantId::new(id().app, org(n).into()), Some(now)).minted(pair, now);
        Stored { grant, version: Version(format!("version-{n}")) }
    }

    fn pack_of(records: usize) -> Pack {
        Pack::empty(0).merged((0..records).map(|n| (org(n), record(n))), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn pack_is_read_as_it_was_written() {
        let mut pack = pack_of(3);
        pack.depths = vec![0, 1, 4];
        pack.copied_from = Some(PackNumber::FIRST);
        let text = write(&id(), &pack).unwrap();
        let read = read(&id(), text.as_str()).unwrap();
        assert_eq!((read.depths, read.copied_from, read.merged_at), (pack.depths, pack.copied_from, pack.merged_at));
        let versions: Vec<&str> = read.records.values().map(|stored| stored.version.0.as_str()).collect();
        assert_eq!(versions, ["version-0", "version-1", "version-2"]);
        let pair = |stored: &Stored| stored.grant.vendable().map(|pair| pair.access_token.fingerprint());
        assert_eq!(pair(&read.records[&org(2)]), pair(&record(2)));
    }

    #[test]
    fn documents_of_other_places_and_other_versions_are_refused() {
        let text = write(&id(), &pack_of(1)).unwrap();
        let other = PackId { number: PackKey::of(&org(0xffff_ffff)).number_at(4), ..id() };
        assert!(read(&other, text.as_str()).is_err());
        let later = text.as_str().replace(r#""version":1"#, r#""version":2"#);
        assert_eq!(read(&id(), &later).unwrap_err(), "version: expected 1");
    }

    #[test]
    fn damaged_packs_are_refused_without_quoting_them() {
        let text = |depths: &str, records: &str| {
            format!(r#"{{"version":1,"app":"reports","pack":"0","depths":{depths},"records":"{records}"}}"#)
        };
        let deflated = |json: &str| STANDARD.encode(compress_to_vec(json.as_bytes(), LEVEL));
        for (depths, records) in [
            ("[]", deflated("{}")),
            ("[1,1]", deflated("{}")),
            ("[200]", deflated("{}")),
            ("[0]", "CANARY!".to_owned()),
            ("[0]", STANDARD.encode("CANARY")),
            ("[0]", deflated("[\"CANARY\"]")),
            ("[0]", deflated(r#"{"CANARY":{"from":"1","record":{}}}"#)),
            ("[0]", deflated(r#"{"ce861fba-6e2f-49f9-9a84-b354008fac9e":{"from":"1","record":{"version":"CANARY"}}}"#)),
            ("[0]", STANDARD.encode(compress_to_vec(&vec![b' '; LARGEST_RECORDS + 1], LEVEL))),
        ] {
            let defect = read(&id(), &text(depths, &records)).unwrap_err();
            assert!(!defect.contains("CANARY"), "{defect}");
        }
        assert!(read(&id(), &text("[0]", &deflated("{}"))).is_ok());
    }

    #[test]
    fn hundred_records_fit_into_a_pack() {
        assert!(has_room_for(&pack_of(100)));
        assert!(!has_room_for(&pack_of(300)));
    }
}
