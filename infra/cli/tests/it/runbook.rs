//! The lines of the runbook's table of tasks, typed as they stand there.

use serde_json::{Value, json};
use wtb::Exit;

use crate::fixtures::{self, org};
use crate::machine::{TestMachine, wtb};
use crate::stand_in::StandIn;

const RUNBOOK: &str = include_str!("../../../RUNBOOK.md");
/// The organisation that the table calls `ce861fba-…`.
const ORG: &str = "ce861fba-6e2f-49f9-9a84-000000000001";

/// The arguments of every `wtb …` in the table, with the identifiers that it shortens written out.
fn lines() -> Vec<String> {
    let (_, section) = RUNBOOK.split_once("## Each task in one line").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let table = section.lines().filter(|line| line.starts_with("| "));
    let mut lines = Vec::new();
    for row in table {
        for code in row.split('`').skip(1).step_by(2) {
            if let Some(arguments) = code.strip_prefix("wtb ") {
                lines.push(arguments.replace("ce861fba-…", ORG).replace("C…", "Cafe"));
            }
        }
    }
    lines
}

/// A deployment that answers every command as if all were well.
async fn deployment() -> StandIn {
    let stand_in = StandIn::start().await;
    let renewal = json!({ "state": "active", "renewed": true, "expires_at": "2026-12-10T12:00:00Z" });
    let answers: [(&str, Value); 14] = [
        ("status", fixtures::healthy()),
        ("verify", json!({ "alive": true, "expires_at": "2026-12-10T12:00:00Z" })),
        ("renew", renewal.clone()),
        ("restore", renewal.clone()),
        ("import", renewal.clone()),
        ("device_poll", renewal),
        ("sweep", fixtures::sweep()),
        ("remove", json!({ "state": "revoked", "revoked_at_webex": false })),
        ("unblock", json!({ "state": "pending" })),
        ("notify", json!({ "sent": true })),
        ("make_link", json!({ "link": "content.signature", "expires_at": "2026-11-27T12:00:00Z" })),
        ("apps", json!({ "apps": [{ "app": "mobile", "redirect_uri": "https://consent.example/callback" }] })),
        ("remove_app", json!({ "removed": 2, "left": 0, "next_steps": [] })),
        (
            "device_start",
            json!({ "device_code": "CANARY-device-code", "user_code": "WXYZ-1234", "expires_in": 600, "interval": 5,
                "verification_uri": "https://oauth.example/device" }),
        ),
    ];
    for (command, answer) in answers {
        stand_in.answers(command, [answer]);
    }
    for app in ["minter", "reports"] {
        let described = json!({ "kind": "service_app", "client_id": "Cafe", "client_secret": "CANARY-old" });
        stand_in.stores(&format!("webex-token-broker/apps/{app}"), described);
        stand_in
            .stores(&format!("webex-token-broker/webhooks/{app}"), json!({ "secrets": ["CANARY-one", "CANARY-two"] }));
    }
    stand_in
}

/// The answers to the questions of a line: the name to confirm, or a secret.
fn typed(line: &str) -> Vec<String> {
    let words: Vec<_> = line.split(' ').collect();
    match words[..] {
        ["grant", "remove", app, subject, ..] => vec![format!("{app}/{subject}")],
        ["app", "remove", app, ..] => vec![app.to_owned()],
        ["sweep", "--allow-retirements"] => vec!["webex-token-broker-refresher".to_owned()],
        ["app", "add" | "rotate-secret", ..] | ["grant", "import", ..] => vec!["CANARY-typed".to_owned()],
        _ => vec!["reports".to_owned()],
    }
}

#[tokio::test]
async fn each_line_of_the_runbook_does_its_task() {
    let lines = lines();
    assert!(lines.len() >= 25, "{lines:#?}");
    assert_eq!(ORG, org(1));
    for line in lines.iter().filter(|line| !line.starts_with("policy ")) {
        let stand_in = deployment().await;
        let answers = typed(line);
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let ran = TestMachine::answering(&stand_in, &answers).run(&stand_in, line).await;
        assert_eq!(ran.exit, Exit::Ok, "wtb {line}: {}{}", ran.notes, ran.out);
    }
}

/// It would compile vend. Outside a repository it says what it would run.
#[tokio::test]
async fn policy_line_of_the_runbook_is_understood() {
    let stand_in = deployment().await;
    let policy: Vec<_> = lines().into_iter().filter(|line| line.starts_with("policy check ")).collect();
    let [line] = policy.as_slice() else { panic!("{policy:?}") };
    let elsewhere = line.replace("policy check ", "policy check --repository / ");
    let ran = wtb(&stand_in, &elsewhere).await;
    assert!(ran.notes.contains(&line.replace("policy check ", "cargo check-policy ")), "{}", ran.notes);
}
