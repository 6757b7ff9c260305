use jiff::{SignedDuration, Timestamp};

use super::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn wanted() -> WantedDataSource {
    WantedDataSource {
        url: "https://data.example/webex".to_owned(),
        schema_id: "78efc775".to_owned(),
        audience: "example".to_owned(),
        subject: "calls".to_owned(),
        lifetime_minutes: 1440,
        reactivate: false,
    }
}

fn remote(id: &str, hours_left: i64) -> RemoteDataSource {
    let WantedDataSource { url, schema_id, audience, subject, .. } = wanted();
    RemoteDataSource {
        id: id.to_owned(),
        url,
        subject,
        audience: Some(audience),
        schema_id: Some(schema_id),
        is_active: true,
        error_message: None,
        expires_at: Some(now() + HOUR * i32::try_from(hours_left).unwrap()),
        nonce_digest: None,
    }
}

fn record(id: &str, hours_left: i32) -> DataSourceRecord {
    DataSourceRecord {
        id: Some(id.to_owned()),
        expires_at: Some(now() + HOUR * hours_left),
        ..DataSourceRecord::unregistered(&wanted(), now())
    }
}

fn step(found: &RemoteDataSource) -> DataSourceStep {
    step_for(Some(found), &wanted(), now())
}

#[test]
fn step_for_each_condition_of_a_data_source() {
    use DataSourceStep::{Keep, LeaveDisabled, Register, Renew};
    assert_eq!(step_for(None, &wanted(), now()), Register);
    for (hours_left, expected) in [(24, Keep), (13, Keep), (12, Renew), (1, Renew), (0, Renew), (-40, Renew)] {
        assert_eq!(step(&remote("a", hours_left)), expected, "{hours_left} hours left");
    }
    let unstated = RemoteDataSource { expires_at: None, ..remote("a", 24) };
    assert_eq!(step(&unstated), Renew, "nobody knows when it ends");
    let disabled = RemoteDataSource { is_active: false, ..remote("a", 1) };
    assert_eq!(step(&disabled), LeaveDisabled);
    let forced = WantedDataSource { reactivate: true, ..wanted() };
    assert_eq!(step_for(Some(&disabled), &forced, now()), Renew);
}

#[test]
fn differing_field_is_repaired_and_an_unstated_one_is_not() {
    let other = || "other".to_owned();
    for differing in [
        RemoteDataSource { url: other(), ..remote("a", 24) },
        RemoteDataSource { subject: other(), ..remote("a", 24) },
        RemoteDataSource { audience: Some(other()), ..remote("a", 24) },
    ] {
        assert_eq!(step(&differing), DataSourceStep::Renew, "{differing:?}");
    }
    let silent = RemoteDataSource { audience: None, schema_id: None, ..remote("a", 24) };
    assert_eq!(step(&silent), DataSourceStep::Keep);
}

#[test]
fn expiry_that_no_jws_can_have_is_not_believed() {
    let ends = |hours_left| remote("a", hours_left).credible_expiry(wanted().lifetime(), now());
    assert_eq!(ends(24 * 365), Some(now() + HOUR * 24));
    assert_eq!(ends(3), Some(now() + HOUR * 3));
}

#[test]
fn own_data_source_is_found_by_record_or_by_url_and_subject() {
    let foreign = RemoteDataSource { subject: "theirs".to_owned(), ..remote("0", 24) };
    let moved = RemoteDataSource { url: "https://old.example".to_owned(), ..remote("7", 24) };
    let listed = [foreign, remote("b", 24), remote("a", 24), moved];
    let id_found = |record: Option<&DataSourceRecord>| find(&listed, &wanted(), record).map(|found| found.id.as_str());
    assert_eq!(id_found(None), Some("a"), "all sweeps should choose the same one");
    assert_eq!(id_found(Some(&record("7", 1))), Some("7"), "the record's own, although its URL differs");
    assert_eq!(id_found(Some(&record("gone", 1))), Some("a"));
    assert!(find(&listed[..1], &wanted(), None).is_none(), "another subject's is not the broker's");
    let other_schema = [RemoteDataSource { schema_id: Some("other".to_owned()), ..remote("a", 24) }];
    assert!(find(&other_schema, &wanted(), Some(&record("a", 1))).is_none(), "the list of the app was reordered");
    let duplicates: Vec<_> = duplicates_of("a", &listed, &wanted()).iter().map(|found| &found.id).collect();
    assert_eq!(duplicates, ["b"]);
}

#[test]
fn record_is_looked_at_at_half_of_its_life() {
    assert_eq!(record("a", 24).look_at(&wanted()), now() + HOUR * 12);
    let changed = WantedDataSource { audience: "new".to_owned(), ..wanted() };
    assert_eq!(record("a", 24).look_at(&changed), Timestamp::MIN, "the description has changed");
    let disabled = DataSourceRecord { is_disabled: true, ..record("a", 1) };
    assert_eq!(disabled.look_at(&wanted()), now() + HOUR * 6);
    let unknown = DataSourceRecord { expires_at: None, ..record("a", 1) };
    assert_eq!(unknown.look_at(&wanted()), Timestamp::MIN);
}

#[test]
fn refusals_back_off_and_outages_do_not() {
    let mut refused = record("a", 24);
    let mut waits = Vec::new();
    for _ in 0..6 {
        refused = refused.failed("http_403".to_owned(), None, true, now());
        waits.push(refused.look_at(&wanted()).duration_since(now()).as_mins());
    }
    assert_eq!(waits, [40, 80, 160, 320, 360, 360]);
    let lost = record("a", 24).failed("timed_out".to_owned(), None, false, now());
    assert_eq!(lost.look_at(&wanted()), Timestamp::MIN, "every sweep should try again");
    assert_eq!((&lost.id, lost.expires_at), (&record("a", 24).id, record("a", 24).expires_at));
}

#[test]
fn repeated_outage_is_saved_at_powers_of_two_only() {
    let mut before = record("a", 24);
    let mut saved = Vec::new();
    for attempt in 1..=8 {
        let after = before.failed("timed_out".to_owned(), None, false, now());
        if after.is_worth_saving_over(Some(&before)) {
            saved.push(attempt);
        }
        before = after;
    }
    assert_eq!(saved, [1, 2, 4, 8]);
    let refused = record("a", 24).failed("http_403".to_owned(), None, true, now());
    let again = refused.failed("http_403".to_owned(), None, true, now());
    assert!(again.failed(String::new(), None, true, now()).is_worth_saving_over(Some(&again)));
}

#[test]
fn lifetime_under_three_sweeps_is_refused_in_words() {
    let short = WantedDataSource { lifetime_minutes: 179, ..wanted() };
    let refusal = short.refusal(HOUR).unwrap();
    assert!(refusal.contains("179 minutes") && refusal.contains("at least 180"), "{refusal}");
    let enough = WantedDataSource { lifetime_minutes: 180, ..wanted() };
    assert_eq!(enough.refusal(HOUR), None);
}

#[test]
fn remaining_is_zero_after_the_end_and_absent_while_disabled() {
    assert_eq!(record("a", -3).remaining(now()), Some(SignedDuration::ZERO));
    assert_eq!(DataSourceRecord { is_disabled: true, ..record("a", 3) }.remaining(now()), None);
    assert_eq!(DataSourceRecord::unregistered(&wanted(), now()).remaining(now()), None);
}
