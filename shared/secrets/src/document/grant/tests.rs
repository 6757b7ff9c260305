use broker_core::grant::{Failure, Tally};
use broker_core::token::{AccessToken, RefreshToken};
use jiff::{SignedDuration, Timestamp};
use proptest::option::of as maybe;
use proptest::prelude::*;

use super::*;

const FULL: &str = concat!(
    r#"{"version":1,"app":"reports","subject":"ce861fba-6e2f-49f9-9a84-b354008fac9e","state":"active","#,
    r#""access_token":"at","access_token_expires_at":"2026-12-05T12:00:00Z","#,
    r#""refresh_token":"rt","refresh_token_expires_at":"2027-02-19T12:00:00Z","scope":"a b","#,
    r#""authorized_at":"2026-11-20T12:00:00Z","renewed_at":"2026-11-21T12:00:00Z","#,
    r#""fenced_at":"2026-11-01T00:00:00.5Z","renewing_since":"2026-11-21T12:00:01Z","#,
    r#""failure":{"since":"2026-11-21T12:00:00Z","attempts":3,"code":"invalid_grant","tracking_id":"T","#,
    r#""last_at":"2026-11-21T13:00:00Z"},"#,
    r#""writes":{"2026-11-21T11:00:00Z":1,"2026-11-21T12:00:00Z":3},"issued":{"2026-11-21T00:00:00Z":1},"#,
    r#""caller_renewals":["2026-11-21T12:00:00Z"]}"#,
);

fn id() -> GrantId {
    GrantId::parse("reports/ce861fba-6e2f-49f9-9a84-b354008fac9e").unwrap()
}

fn written(grant: &Grant) -> String {
    write(grant).unwrap().as_str().to_owned()
}

fn edited(edit: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
    let mut document = serde_json::from_str(FULL).unwrap();
    edit(&mut document);
    serde_json::to_string(&document).unwrap()
}

fn reason(edit: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
    read(&id(), &edited(edit)).unwrap_err()
}

#[test]
fn contract_document_is_read_and_written_unchanged() {
    assert_eq!(written(&read(&id(), FULL).unwrap()), FULL);
}

#[test]
fn write_omits_fields_without_a_value() {
    let pending = Grant::pending(id(), None);
    assert_eq!(
        written(&pending),
        r#"{"version":1,"app":"reports","subject":"ce861fba-6e2f-49f9-9a84-b354008fac9e","state":"pending"}"#
    );
}

#[test]
fn read_ignores_unknown_fields_and_nulls() {
    let text = edited(|it| {
        it.insert("later".into(), serde_json::json!({"x": [1]}));
        for field in ["scope", "failure", "writes", "issued"] {
            it.insert(field.into(), serde_json::Value::Null);
        }
    });
    assert_eq!(read(&id(), &text).unwrap().pair.unwrap().scope, None);
}

#[test]
fn read_accepts_times_of_another_offset() {
    let text = edited(|it| {
        it.insert("renewed_at".into(), "2026-11-21T13:00:00+01:00".into());
    });
    let grant = read(&id(), &text).unwrap();
    assert_eq!(grant.renewed_at, "2026-11-21T12:00:00Z".parse().ok());
}

#[test]
fn revoked_record_holds_no_tokens() {
    let mut grant = read(&id(), FULL).unwrap();
    grant.state = State::Revoked;
    assert!(!written(&grant).contains("token"));
    let left_over = edited(|it| {
        it.insert("state".into(), "revoked".into());
    });
    assert!(read(&id(), &left_over).unwrap().pair.is_none());
}

#[test]
fn write_refuses_an_active_record_without_a_pair() {
    let mut grant = read(&id(), FULL).unwrap();
    grant.pair = None;
    assert_eq!(write(&grant).unwrap_err(), "missing field `access_token`");
}

#[test]
fn read_names_missing_and_wrong_fields_without_their_values() {
    let field = |name: &'static str, value: serde_json::Value| reason(move |it| drop(it.insert(name.into(), value)));
    let without = |name: &'static str| reason(move |it| drop(it.remove(name)));
    let table = [
        (field("version", 2.into()), "version: expected 1"),
        (field("version", "CANARY".into()), "version: expected u64"),
        (without("version"), "missing field `version`"),
        (field("app", "CANARY".into()), "app: differs from the secret's name"),
        (field("subject", "CANARY".into()), "subject: differs from the secret's name"),
        (field("state", "CANARY".into()), "state: expected one of `pending`, `active`, `fenced`, `revoked`"),
        (without("access_token"), "missing field `access_token`"),
        (without("access_token_expires_at"), "missing field `access_token_expires_at`"),
        (field("access_token", "".into()), "access_token: must not be empty"),
        (field("refresh_token", "".into()), "refresh_token: must not be empty"),
        (field("refresh_token", 7.into()), "refresh_token: expected a string"),
        (field("access_token_expires_at", "CANARY".into()), "access_token_expires_at: expected an RFC 3339 time"),
        (field("failure", serde_json::json!({"since": "CANARY"})), "failure.since: expected an RFC 3339 time"),
        (field("writes", serde_json::json!({"CANARY": 1})), "writes: expected counts by RFC 3339 time"),
        (
            field("issued", serde_json::json!({"2026-11-21T12:00:00Z": "CANARY"})),
            "issued: expected counts by RFC 3339 time",
        ),
        (field("caller_renewals", serde_json::json!(["CANARY"])), "caller_renewals[0]: expected an RFC 3339 time"),
        (field("failure", serde_json::json!({"since": "2026-11-21T12:00:00Z"})), "failure: missing field `attempts`"),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
}

#[test]
fn read_refuses_a_refresh_token_alone() {
    let found = reason(|it| {
        it.insert("state".into(), "fenced".into());
        it.remove("access_token");
    });
    assert_eq!(found, "missing field `access_token`");
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_102_444_800, 0_i32..1_000_000_000).prop_map(|(s, ns)| Timestamp::new(s, ns).unwrap())
}

fn any_pair() -> impl Strategy<Value = Pair> {
    ("\\PC{1,40}", time(), maybe("\\PC{1,40}"), maybe(time()), maybe("\\PC{0,40}")).prop_map(
        |(access_token, access_token_expires_at, refresh_token, refresh_token_expires_at, scope)| Pair {
            access_token: AccessToken::new(access_token),
            access_token_expires_at,
            refresh_token: refresh_token.map(RefreshToken::new),
            refresh_token_expires_at,
            scope,
        },
    )
}

fn any_failure() -> impl Strategy<Value = Failure> {
    let fields = (time(), any::<u32>(), "\\PC{0,20}", maybe("\\PC{0,20}"), maybe(time()));
    fields.prop_map(|(since, attempts, code, tracking_id, last_at)| Failure {
        since,
        attempts,
        code,
        tracking_id,
        last_at,
    })
}

fn any_tally() -> impl Strategy<Value = Tally> {
    prop::collection::vec(0_i64..50, 0..5).prop_map(|hours| {
        let hour = SignedDuration::from_hours(1);
        let mut tally = Tally::default();
        for at in hours {
            tally = tally.with_event_at(
                Timestamp::UNIX_EPOCH + hour * 1000 + hour * i32::try_from(at).unwrap(),
                hour * 24,
                hour,
            );
        }
        tally
    })
}

prop_compose! {
    fn any_grant()(
        state in prop::sample::select(vec![State::Pending, State::Active, State::Fenced, State::Revoked]),
        pair in any_pair(),
        with_pair in any::<bool>(),
        (authorized_at, renewed_at, fenced_at) in (maybe(time()), maybe(time()), maybe(time())),
        (failure, renewing_since) in (maybe(any_failure()), maybe(time())),
        (writes, issued) in (any_tally(), any_tally()),
        caller_renewals in prop::collection::vec(time(), 0..4),
    ) -> Grant {
        let holds = state == State::Active || (with_pair && state != State::Revoked);
        Grant {
            state,
            pair: holds.then_some(pair),
            authorized_at,
            renewed_at,
            fenced_at,
            renewing_since,
            failure,
            writes,
            issued,
            caller_renewals,
            ..Grant::pending(id(), None)
        }
    }
}

proptest! {
    #[test]
    fn write_and_read_round_trip(grant in any_grant()) {
        let text = written(&grant);
        prop_assert_eq!(written(&read(&id(), &text).unwrap()), text);
    }

    #[test]
    fn read_never_panics(text in "\\PC{0,200}") {
        drop(read(&id(), &text));
    }
}

#[test]
fn read_never_quotes_a_value() {
    let document: serde_json::Map<_, _> = serde_json::from_str(FULL).unwrap();
    for field in document.keys() {
        for canary in ["\"CANARY\"", "[\"CANARY\"]", "{\"CANARY\":1}", "CANARY"] {
            let text = FULL.replacen(&format!("\"{field}\":"), &format!("\"{field}\":{canary},\"x\":"), 1);
            if let Err(reason) = read(&id(), &text) {
                assert!(!reason.contains("CANARY"), "{reason}");
            }
        }
    }
}
