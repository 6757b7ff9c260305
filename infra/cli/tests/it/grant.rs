//! `wtb grant`.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};
use wtb::Exit;

use crate::fixtures::{self, failing, org, page};
use crate::machine::{TestMachine, wtb};
use crate::stand_in::{StandIn, refusal};

const RENEWED: &str = "2026-12-10T12:00:00Z";

async fn answering(command: &str, answer: Value) -> StandIn {
    let stand_in = StandIn::start().await;
    stand_in.answers(command, [answer]);
    stand_in
}

#[tokio::test]
async fn show_has_every_fact_and_the_latest_history() {
    let stand_in = answering("status", page(&json!([]), &[fixtures::with_history()])).await;
    let ran = wtb(&stand_in, &format!("grant show reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("show_active", ran.out);
    let stand_in = answering("status", page(&json!([]), &[failing(2, "invalid_client")])).await;
    let ran = wtb(&stand_in, &format!("grant show reports {}", org(2))).await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!("show_failing", ran.out);
    let json = wtb(&stand_in, &format!("grant show reports {} --json", org(2))).await.out;
    assert_json_snapshot!("show_json", serde_json::from_str::<Value>(&json).unwrap());
}

#[tokio::test]
async fn show_of_an_unknown_grant_says_what_to_do() {
    let stand_in = answering("status", refusal("not_found", "there is no such grant")).await;
    let ran = wtb(&stand_in, &format!("grant show reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_snapshot!(ran.notes);
}

#[tokio::test]
async fn show_takes_an_org_id_in_any_form() {
    let stand_in = answering("status", page(&json!([]), &[])).await;
    wtb(&stand_in, "grant show reports CE861FBA-6E2F-49F9-9A84-B354008FAC9E").await;
    let expected = json!({ "app": "reports", "subject": "ce861fba-6e2f-49f9-9a84-b354008fac9e" });
    assert_eq!(stand_in.bodies("status"), [expected]);
}

#[tokio::test]
async fn renew_says_whether_there_is_a_new_pair() {
    let stand_in = answering("renew", json!({ "state": "active", "renewed": true, "expires_at": RENEWED })).await;
    let ran = wtb(&stand_in, &format!("grant renew reports {} --force", org(1))).await;
    assert_snapshot!("renewed", ran.out);
    let expected = json!({
        "renew": { "app": "reports", "subject": org(1), "force": true },
        "operator": "arn:aws:sts::123456789012:assumed-role/ops/alex",
    });
    assert_eq!(stand_in.payloads(), [expected]);

    stand_in.answers("renew", [json!({ "state": "active", "renewed": false, "expires_at": RENEWED })]);
    let ran = wtb(&stand_in, &format!("grant renew reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("not_due", ran.out);
    assert_eq!(stand_in.bodies("renew")[1], json!({ "app": "reports", "subject": org(1) }));
}

#[tokio::test]
async fn operator_is_user_and_host_if_sts_refuses() {
    let stand_in = answering("unblock", json!({ "state": "pending" })).await;
    stand_in.fails("GetCallerIdentity", "AccessDenied", "no");
    wtb(&stand_in, &format!("grant unblock reports {}", org(1))).await;
    assert_eq!(stand_in.payloads()[0]["operator"], "alex@laptop");
}

#[tokio::test]
async fn refusal_of_webex_shows_code_tracking_id_and_exits_1() {
    let detail = "Webex refused to refresh the token: invalid_grant (The refresh token is invalid)";
    let stand_in = answering("renew", refusal("invalid_grant", detail)).await;
    let ran = wtb(&stand_in, &format!("grant renew reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_eq!(ran.out, "");
    assert_snapshot!("refused", ran.notes);
    let json = wtb(&stand_in, &format!("grant renew reports {} --json", org(1))).await;
    assert_eq!(json.notes, "");
    assert_json_snapshot!("refused_json", serde_json::from_str::<Value>(&json.out).unwrap());
}

#[tokio::test]
async fn verify_maps_the_verdict_to_the_exit_status() {
    for (alive, exit) in [(json!(true), Exit::Ok), (json!(false), Exit::Attention), (Value::Null, Exit::Failed)] {
        let stand_in = answering("verify", json!({ "alive": alive, "expires_at": RENEWED })).await;
        let ran = wtb(&stand_in, &format!("grant verify reports {}", org(1))).await;
        assert_eq!(ran.exit, exit, "{}", ran.out);
    }
}

#[tokio::test]
async fn import_reads_the_token_from_prompt_file_and_input() {
    let stand_in = answering("import", json!({ "state": "active", "renewed": true, "expires_at": RENEWED })).await;
    let machine = TestMachine::answering(&stand_in, &["CANARY-typed"]);
    let ran = machine.run(&stand_in, "grant import minter default").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("imported", format!("{}{}", ran.notes, ran.out));

    let file = std::env::temp_dir().join(format!("wtb-import-{}", std::process::id()));
    std::fs::write(&file, "CANARY-file\n").unwrap();
    wtb(&stand_in, &format!("grant import minter default --token-file {}", file.display())).await;
    std::fs::remove_file(&file).unwrap();

    let piped = TestMachine { input: "CANARY-piped\n".to_owned(), ..TestMachine::without_terminal(&stand_in) };
    let ran = piped.run(&stand_in, "grant import minter default --token-file - --personal --expires-in 43000").await;
    assert!(ran.out.contains("wtb minter connect replaces it"), "{}", ran.out);
    let minter = |rest: Value| {
        let mut body = json!({ "app": "minter", "subject": "default" });
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        body
    };
    let expected = [
        minter(json!({ "refresh_token": "CANARY-typed" })),
        minter(json!({ "refresh_token": "CANARY-file" })),
        minter(json!({ "access_token": "CANARY-piped", "expires_in": 43_000 })),
    ];
    assert_eq!(stand_in.bodies("import"), expected);
}

#[tokio::test]
async fn import_without_a_terminal_names_the_option() {
    let stand_in = StandIn::start().await;
    let ran = TestMachine::without_terminal(&stand_in).run(&stand_in, "grant import minter default").await;
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.notes.contains("--token-file -"), "{}", ran.notes);
    assert_eq!(stand_in.payloads(), [] as [Value; 0]);
}

#[tokio::test]
async fn restore_and_unblock_show_the_state() {
    let stand_in = answering("restore", json!({ "state": "active", "renewed": true, "expires_at": RENEWED })).await;
    let restored = wtb(&stand_in, &format!("grant restore reports {}", org(1))).await;
    stand_in.answers("unblock", [json!({ "state": "pending" })]);
    let unblocked = wtb(&stand_in, &format!("grant unblock reports {}", org(1))).await;
    assert_snapshot!(format!("{}{}", restored.out, unblocked.out));
}

#[tokio::test]
async fn remove_asks_for_the_name() {
    let answer = json!({
        "state": "revoked", "revoked_at_webex": false,
        "detail": "an administrator of the org switches the app off in Control Hub",
    });
    let stand_in = answering("remove", answer).await;
    let id = format!("reports/{}", org(1));
    let machine = TestMachine::answering(&stand_in, &[&id]);
    let ran = machine.run(&stand_in, &format!("grant remove reports {} --block", org(1))).await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!(format!("{}{}", ran.notes, ran.out));
    assert_eq!(stand_in.bodies("remove"), [json!({ "app": "reports", "subject": org(1), "block": true })]);
}

#[tokio::test]
async fn remove_declined_changes_nothing() {
    let stand_in = answering("remove", json!({ "state": "revoked", "revoked_at_webex": true })).await;
    for answer in ["", "y", "yes", &org(1)] {
        let machine = TestMachine::answering(&stand_in, &[answer]);
        let ran = machine.run(&stand_in, &format!("grant remove reports {}", org(1))).await;
        assert_eq!(ran.exit, Exit::Failed);
        assert!(ran.notes.contains("nothing was changed"), "{}", ran.notes);
    }
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
}

#[tokio::test]
async fn remove_without_a_terminal_needs_yes() {
    let stand_in = answering("remove", json!({ "state": "revoked", "revoked_at_webex": true })).await;
    let machine = TestMachine::without_terminal(&stand_in);
    let ran = machine.run(&stand_in, &format!("grant remove reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Usage);
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
    let ran = machine.run(&stand_in, &format!("grant remove reports {} --yes", org(1))).await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_eq!(stand_in.steps(), ["Invoke remove"]);
}
