//! The program itself: its exit statuses, its streams, and its environment.

use std::process::{Command, Output, Stdio};

use crate::fixtures;
use crate::stand_in::StandIn;

/// Runs `wtb` without a terminal and with this environment alone.
async fn run(arguments: &'static str, environment: Vec<(&'static str, String)>) -> Output {
    tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_wtb"))
            .args(arguments.split_whitespace())
            .env_clear()
            .env("HOME", "/nonexistent")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(environment)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    })
    .await
    .unwrap()
}

fn account(stand_in: &StandIn) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("AWS_ENDPOINT_URL", stand_in.url().to_owned()),
    ]
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn exit_statuses_are_those_of_the_help() {
    let help = run("--help", vec![]).await;
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("Exit status:"));
    assert_eq!(run("nonsense", vec![]).await.status.code(), Some(2));

    let stand_in = StandIn::start().await;
    stand_in.answers("status", [fixtures::mixed()]);
    let attention = run("status", account(&stand_in)).await;
    assert_eq!(attention.status.code(), Some(3), "{}", errors(&attention));
    assert_eq!(errors(&attention), "");
    assert_eq!(run("sweep", account(&stand_in)).await.status.code(), Some(1));
}

#[tokio::test]
async fn missing_region_and_credentials_exit_4() {
    let no_region = run("status", vec![]).await;
    assert_eq!(no_region.status.code(), Some(4));
    assert!(errors(&no_region).contains("set AWS_REGION"), "{}", errors(&no_region));
    let no_credentials = run("status --region eu-central-1", vec![]).await;
    assert_eq!(no_credentials.status.code(), Some(4));
    assert!(errors(&no_credentials).contains("no AWS credentials"), "{}", errors(&no_credentials));
}

#[tokio::test]
async fn output_to_a_pipe_has_no_colours_and_80_columns() {
    let stand_in = StandIn::start().await;
    stand_in.answers("status", [fixtures::mixed()]);
    let output = run("status", account(&stand_in)).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[tokio::test]
async fn removal_without_a_terminal_is_refused() {
    let stand_in = StandIn::start().await;
    let output = run("app remove reports", account(&stand_in)).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("add --yes"), "{}", errors(&output));
    assert_eq!(stand_in.steps(), [] as [&str; 0]);
}
