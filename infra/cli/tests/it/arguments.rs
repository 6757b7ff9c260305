//! The command line itself.

use insta::assert_snapshot;
use wtb::Exit;

use crate::machine::wtb;
use crate::stand_in::StandIn;

#[tokio::test]
async fn secrets_are_refused_as_arguments() {
    let stand_in = StandIn::start().await;
    for arguments in [
        "app add reports --kind service-app --client-id C --client-secret CANARY",
        "app add reports --kind service-app --client-id C --client-secret=CANARY",
        "app rotate-secret reports --secret CANARY",
        "grant import minter default --refresh-token CANARY",
        "grant import minter default --access-token=CANARY",
        "grant import minter default --token CANARY",
        "grant import minter default CANARY",
        "app rotate-secret reports CANARY",
        "webhook rotate reports --webhook-secret CANARY",
    ] {
        let ran = wtb(&stand_in, arguments).await;
        assert_eq!(ran.exit, Exit::Usage, "{arguments}");
        assert!(!ran.notes.contains("CANARY") && ran.notes.contains("what to do"), "{arguments}: {}", ran.notes);
    }
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
}

#[tokio::test]
async fn misspelt_command_names_the_nearest() {
    let stand_in = StandIn::start().await;
    let ran = wtb(&stand_in, "statsu").await;
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.notes.contains("'status'"), "{}", ran.notes);
}

#[tokio::test]
async fn wrong_values_are_usage_errors() {
    let stand_in = StandIn::start().await;
    for arguments in ["", "grant show reports", "grant show Reports x", "status --expiring-within soon", "--nonsense"] {
        assert_eq!(wtb(&stand_in, arguments).await.exit, Exit::Usage, "{arguments}");
    }
}

#[tokio::test]
async fn help_lists_commands_and_exit_statuses() {
    let stand_in = StandIn::start().await;
    let ran = wtb(&stand_in, "--help").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!(ran.out);
}

#[tokio::test]
async fn completions_are_made_for_each_shell() {
    let stand_in = StandIn::start().await;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = wtb(&stand_in, &format!("completions {shell}")).await;
        assert_eq!(ran.exit, Exit::Ok);
        assert!(ran.out.contains("rotate-secret"), "{shell}");
    }
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
}

#[tokio::test]
async fn policy_check_outside_the_repository_prints_the_command() {
    let stand_in = StandIn::start().await;
    let ran = wtb(&stand_in, "policy check --repository / arn:aws:iam::123456789012:role/r vend reports/x").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("cargo check-policy arn:aws:iam::123456789012:role/r vend reports/x"), "{}", ran.notes);
    let ran = wtb(&stand_in, "policy check --repository / --token eyJhbGciOi.canary vend reports/x").await;
    assert!(ran.notes.contains("cargo check-policy --token … vend reports/x"), "{}", ran.notes);
}
