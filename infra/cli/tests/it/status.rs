//! `wtb status` and `wtb history`.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};
use wtb::Exit;

use crate::fixtures::{self, active, apps, failing, minter, org, page};
use crate::machine::{TestMachine, wtb};
use crate::stand_in::StandIn;

async fn fleet(status: Value) -> StandIn {
    let stand_in = StandIn::start().await;
    stand_in.answers("status", [status]);
    stand_in
}

#[tokio::test]
async fn status_shows_what_needs_a_person_first() {
    let stand_in = fleet(fixtures::mixed()).await;
    let ran = wtb(&stand_in, "status").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!(ran.out);
}

#[tokio::test]
async fn status_has_more_columns_on_a_wide_terminal() {
    let stand_in = fleet(fixtures::mixed()).await;
    let machine = TestMachine { width: 140, ..TestMachine::answering(&stand_in, &[]) };
    assert_snapshot!(machine.run(&stand_in, "status").await.out);
}

#[tokio::test]
async fn status_fits_80_columns() {
    let stand_in = fleet(fixtures::mixed()).await;
    let out = wtb(&stand_in, "status").await.out;
    let long: Vec<_> = out.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(long, [] as [&str; 0]);
}

#[tokio::test]
async fn status_json_holds_all_fields_and_what_needs_a_person() {
    let stand_in = fleet(fixtures::mixed()).await;
    let ran = wtb(&stand_in, "status --json").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_json_snapshot!(serde_json::from_str::<Value>(&ran.out).unwrap());
}

#[tokio::test]
async fn status_of_a_healthy_fleet_exits_0() {
    let stand_in = fleet(fixtures::healthy()).await;
    let ran = wtb(&stand_in, "status").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!(ran.out);
}

#[tokio::test]
async fn status_reads_250_grants_over_three_pages() {
    let stand_in = StandIn::start().await;
    let grants: Vec<_> = (0..249).map(active).collect();
    let mut first = page(&apps(), &[&[minter()], &grants[..99]].concat());
    first["next"] = "page-2".into();
    let second = json!({ "apps": [], "grants": grants[99..199], "next": "page-3" });
    let third = json!({ "apps": [], "grants": grants[199..] });
    stand_in.answers("status", [first, second, third]);
    let ran = wtb(&stand_in, "status --json").await;
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["grants"].as_array().unwrap().len(), 250);
    assert_eq!(document["apps"].as_array().unwrap().len(), 2);
    assert_eq!(document["grants"][249]["subject"], org(248));
    assert_eq!(stand_in.bodies("status"), [json!({}), json!({ "next": "page-2" }), json!({ "next": "page-3" })]);
    assert_eq!(ran.exit, Exit::Ok);
}

#[tokio::test]
async fn status_stops_if_the_same_page_comes_again() {
    let stand_in = fleet(json!({ "apps": [], "grants": [active(1)], "next": "again" })).await;
    let ran = wtb(&stand_in, "status").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_eq!(stand_in.bodies("status").len(), 2);
}

#[tokio::test]
async fn status_sends_its_filters() {
    let stand_in = fleet(page(&json!([]), &[])).await;
    let ran = wtb(&stand_in, "status reports --state fenced --failing --expiring-within 3d").await;
    let expected = json!({ "app": "reports", "state": "fenced", "failing": true, "expiring_within": 259_200 });
    assert_eq!(stand_in.bodies("status"), [expected]);
    assert_eq!(ran.out, "Nothing in this selection needs a person.\n\nNo grant matches.\n");
    assert_eq!(ran.exit, Exit::Ok);
}

#[tokio::test]
async fn status_groups_grants_that_fail_alike() {
    let grants = [vec![minter()], (0..212).map(|number| failing(number, "http_503")).collect()].concat();
    let stand_in = fleet(page(&apps(), &grants)).await;
    let out = wtb(&stand_in, "status").await.out;
    assert_snapshot!(out.lines().take(9).collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn status_leaves_grants_that_only_wait_alone() {
    let waiting = |state: &str, code: Value| json!({ "app": "reports", "subject": org(1), "state": state, "failing": false, "code": code });
    for (grant, exit) in [
        (waiting("pending", Value::Null), Exit::Ok),
        (waiting("pending", json!("reauthorized")), Exit::Ok),
        (waiting("fenced", Value::Null), Exit::Ok),
        (waiting("pending", json!("not_authorized")), Exit::Attention),
        (waiting("fenced", json!("not_confirmed")), Exit::Attention),
    ] {
        let stand_in = fleet(page(&apps(), &[minter(), grant.clone()])).await;
        assert_eq!(wtb(&stand_in, "status").await.exit, exit, "{grant}");
    }
}

#[tokio::test]
async fn status_names_a_minter_that_is_missing_or_ends() {
    let stand_in = fleet(page(&apps(), &[active(1)])).await;
    let ran = wtb(&stand_in, "status").await;
    assert!(ran.out.contains("there is no minter"), "{}", ran.out);
    assert_eq!(ran.exit, Exit::Attention);

    let mut ending = minter();
    ending["refresh_token_expires_at"] = "2026-12-01T12:00:00Z".into();
    let stand_in = fleet(page(&apps(), &[ending])).await;
    let ran = wtb(&stand_in, "status").await;
    assert!(ran.out.contains("the minter ends 2026-12-01 12:00 UTC (in 5d 0h)"), "{}", ran.out);
    assert!(ran.out.contains("wtb minter connect"), "{}", ran.out);
}

#[tokio::test]
async fn status_tolerates_absent_and_new_fields() {
    let stand_in = fleet(json!({ "grants": [{ "app": "reports", "subject": "x", "state": "new", "more": 1 }] })).await;
    let ran = wtb(&stand_in, "status reports").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert!(ran.out.contains("x        new"), "{}", ran.out);
}

#[tokio::test]
async fn status_is_coloured_only_on_a_terminal_with_colours() {
    let stand_in = fleet(fixtures::mixed()).await;
    assert!(!wtb(&stand_in, "status").await.out.contains('\u{1b}'));
    let machine = TestMachine { colors: true, ..TestMachine::answering(&stand_in, &[]) };
    let colored = machine.run(&stand_in, "status").await.out;
    assert!(colored.contains("\u{1b}["), "{colored}");
    let json = machine.run(&stand_in, "status --json").await.out;
    assert!(!json.contains("\\u001b") && !json.contains('\u{1b}'));
}

#[tokio::test]
async fn history_tells_the_story_of_a_grant() {
    let stand_in = fleet(page(&json!([]), &[fixtures::with_history()])).await;
    let ran = wtb(&stand_in, &format!("history reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("history_80", ran.out);
    let machine = TestMachine { width: 160, ..TestMachine::answering(&stand_in, &[]) };
    assert_snapshot!("history_wide", machine.run(&stand_in, &format!("history reports {}", org(1))).await.out);
    let json = wtb(&stand_in, &format!("history reports {} --json", org(1))).await.out;
    assert_json_snapshot!("history_json", serde_json::from_str::<Value>(&json).unwrap());
    assert_eq!(stand_in.bodies("status")[0], json!({ "app": "reports", "subject": org(1) }));
}
