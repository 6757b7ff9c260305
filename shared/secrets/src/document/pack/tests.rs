use broker_core::grant::{Grant, Transition, TransitionKind};
use broker_core::id::AppName;
use broker_core::pair::Pair;
use broker_core::token::{AccessToken, RefreshToken};
use jiff::{SignedDuration, Timestamp};

use super::*;

fn id() -> PackId {
    PackId { app: AppName::parse("reports").unwrap(), number: PackNumber::FIRST }
}

fn org(n: usize) -> OrgId {
    let mut random = fastrand::Rng::with_seed(u64::try_from(n).unwrap());
    OrgId::parse(&random_uuid(&mut random)).unwrap()
}

fn random_uuid(random: &mut fastrand::Rng) -> String {
    uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid().to_string()
}

/// A token of the shape that Webex's have: the beginning of some UUIDs in base64, and the organisation.
fn token(random: &mut fastrand::Rng, org: &OrgId) -> String {
    let uuids = format!("{}{}", random_uuid(random), random_uuid(random));
    format!("{}_PF84_{}", STANDARD.encode(&uuids[..48]), org.as_str())
}

/// A record that sweeps have renewed for half a year.
fn record(n: usize) -> Stored {
    let random = &mut fastrand::Rng::with_seed(1_000_000 + u64::try_from(n).unwrap());
    let hours = |hours: i64| SignedDuration::from_hours(hours);
    let last_renewal: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let now = last_renewal - hours(6 * random.i64(0..28)) + SignedDuration::from_nanos(random.i64(0..8_000_000_000));
    let pair = Pair {
        access_token: AccessToken::new(token(random, &org(n))),
        access_token_expires_at: now + hours(14 * 24),
        refresh_token: Some(RefreshToken::new(token(random, &org(n)))),
        refresh_token_expires_at: Some(now + hours(90 * 24)),
        scope: Some("spark-admin:reports_read spark-admin:people_read".to_owned()),
    };
    let pending = Grant::pending(GrantId::new(id().app, org(n).into()), Some(now - hours(180 * 24)));
    let mut grant = pending.minted(pair, now);
    grant.history = (0..20).map(|age| renewal(now - hours(age * 6 * 25) - hours(6 * random.i64(0..5)))).collect();
    Stored { grant, version: Version(random_uuid(random)) }
}

fn renewal(at: Timestamp) -> Transition {
    let at = Timestamp::from_second(at.as_second()).unwrap();
    Transition { at, what: TransitionKind::Renewed, by: "sweep".to_owned(), code: None, tracking_id: None }
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
    assert_eq!((&read.depths, read.copied_from, &read.merged_at), (&pack.depths, pack.copied_from, &pack.merged_at));
    let versions = |pack: &Pack| pack.records.values().map(|stored| stored.version.clone()).collect::<Vec<_>>();
    assert_eq!(versions(&read), versions(&pack));
    let pair = |stored: &Stored| stored.grant.vendable().map(|pair| pair.access_token.fingerprint());
    assert_eq!(pair(&read.records[&org(2)]), pair(&record(2)));
}

#[test]
fn documents_of_other_places_and_other_versions_are_refused() {
    let text = write(&id(), &pack_of(1)).unwrap();
    let other = PackId { number: PackKey::of(&org(0)).number_at(4), ..id() };
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
fn records_of_half_a_year_take_360_characters() {
    let text = write(&id(), &pack_of(130)).unwrap();
    let characters = text.as_str().len() / 130;
    assert!((345..=365).contains(&characters), "{characters}");
    assert!(has_room_for(&pack_of(130)));
    assert!(!has_room_for(&pack_of(150)));
}
