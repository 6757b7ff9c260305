//! No secret in anything that `wtb` prints.

use serde_json::json;
use wtb::Exit;

use crate::fixtures;
use crate::machine::TestMachine;
use crate::stand_in::{StandIn, refusal};

const COMMANDS: [&str; 12] = [
    "app add new --kind service-app --client-id C",
    "app add reports --kind service-app --client-id C",
    "app check reports",
    "app rotate-secret reports",
    "webhook rotate reports --wait 1",
    "webhook finish reports",
    "webhook rotate reports --wait 1 --leaked",
    "webhook rotate broken --wait 1",
    "grant import minter default",
    "minter connect",
    "sweep",
    "doctor",
];

fn refreshers_answers(stand_in: &StandIn) {
    stand_in.answers("status", [fixtures::mixed()]);
    stand_in.answers("sweep", [fixtures::sweep_with_failure()]);
    stand_in.answers("import", [json!({ "state": "active", "renewed": true })]);
    stand_in.answers("device_start", [json!({ "device_code": "CANARY-device", "user_code": "A", "expires_in": 30 })]);
    stand_in.answers("device_poll", [json!({ "state": "pending", "slow_down": true })]);
}

/// Runs all commands, as text and as JSON, and looks for the canary that is part of every secret.
async fn run_all(stand_in: &StandIn) {
    for command in COMMANDS {
        for form in ["", " --json"] {
            let app = "webex-token-broker/apps/reports";
            stand_in.stores(app, json!({ "client_secret": "CANARY-client-secret" }));
            let webhooks = "webex-token-broker/webhooks/reports";
            stand_in.stores(webhooks, json!({ "secrets": ["CANARY-1", "CANARY-2"] }));
            stand_in.stores("webex-token-broker/webhooks/broken", json!("{\"secrets\": CANARY"));
            let machine = TestMachine::answering(stand_in, &["CANARY-typed", "CANARY-typed"]);
            let ran = machine.run(stand_in, &format!("{command}{form}")).await;
            assert!(!ran.out.is_empty() || !ran.notes.is_empty(), "{command}");
            assert_ne!(ran.exit, Exit::Usage, "{command}: {}", ran.notes);
            for text in [&ran.out, &ran.notes] {
                assert!(!text.contains("CANARY"), "{command}{form} prints a secret:\n{text}");
            }
        }
    }
}

#[tokio::test]
async fn commands_that_work_print_no_secret() {
    let stand_in = StandIn::start().await;
    refreshers_answers(&stand_in);
    run_all(&stand_in).await;
}

#[tokio::test]
async fn commands_that_fail_print_no_secret() {
    let stand_in = StandIn::start().await;
    refreshers_answers(&stand_in);
    for command in ["sweep", "import", "device_start", "device_poll"] {
        stand_in.answers(command, [refusal("invalid_client", "Client authentication failed")]);
    }
    for operation in ["PutSecretValue", "CreateSecret", "DescribeSecret"] {
        stand_in.fails(operation, "InternalFailure", "broken");
    }
    run_all(&stand_in).await;
}
