//! What AWS refuses, in words.

use aws_config::SdkConfig;
use insta::assert_snapshot;
use serde_json::json;
use wtb::Exit;

use crate::fixtures::org;
use crate::machine::{TestMachine, wtb};
use crate::stand_in::{StandIn, config};

/// Runs `wtb sweep --function refresher` while an operation fails, and returns what it says with its exit status.
async fn sweep_with(operation: &str, code: &str, message: &str) -> String {
    let stand_in = StandIn::start().await;
    stand_in.fails(operation, code, message);
    let ran = wtb(&stand_in, "sweep").await;
    format!("exit status {}\n{}", ran.exit as u8, ran.notes)
}

#[tokio::test]
async fn access_denied_names_action_and_permission() {
    let message = "User: arn:aws:iam::123456789012:user/eve is not authorized to perform: lambda:InvokeFunction";
    assert_snapshot!(sweep_with("Invoke", "AccessDeniedException", message).await);
}

#[tokio::test]
async fn missing_function_is_named() {
    let message = "Function not found: arn:aws:lambda:eu-central-1:123456789012:function:webex-token-broker-refresher";
    assert_snapshot!(sweep_with("Invoke", "ResourceNotFoundException", message).await);
}

#[tokio::test]
async fn expired_credentials_are_named() {
    let message = "The security token included in the request is expired";
    assert_snapshot!(sweep_with("DescribeStacks", "ExpiredToken", message).await);
}

#[tokio::test]
async fn missing_stack_is_named() {
    let message = "Stack with id webex-token-broker does not exist";
    assert_snapshot!(sweep_with("DescribeStacks", "ValidationError", message).await);
}

#[tokio::test]
async fn foreign_stack_is_no_deployment() {
    let stand_in = StandIn::start().await;
    stand_in.set(|state| drop(state.outputs.remove("RefresherFunction")));
    let ran = wtb(&stand_in, "status").await;
    assert_eq!(ran.exit, Exit::Unreachable);
    assert!(ran.notes.contains("it is no deployment of the broker"), "{}", ran.notes);
}

#[tokio::test]
async fn denied_secret_names_the_permission() {
    let stand_in = StandIn::start().await;
    stand_in.fails("GetSecretValue", "AccessDeniedException", "is not authorized to perform");
    let ran = wtb(&stand_in, "webhook rotate reports").await;
    assert_eq!(ran.exit, Exit::Unreachable);
    assert_snapshot!(ran.notes);
}

#[tokio::test]
async fn answer_of_a_proxy_is_none_of_aws() {
    assert_snapshot!(sweep_with("Invoke", "", "").await);
}

#[tokio::test]
async fn crashed_function_leads_to_its_log() {
    let stand_in = StandIn::start().await;
    stand_in.set(|state| {
        state.crash = Some(json!({ "errorType": "Runtime.ExitError", "errorMessage": "exit status 1" }));
    });
    let ran = wtb(&stand_in, "sweep").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_snapshot!(ran.notes);
}

#[tokio::test]
async fn older_refresher_is_recognised() {
    let stand_in = StandIn::start().await;
    let ran = wtb(&stand_in, &format!("grant unblock reports {}", org(1))).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("the deployed refresher is older than this wtb"), "{}", ran.notes);
}

async fn status_with(sdk: SdkConfig) -> String {
    let stand_in = StandIn::start().await;
    let machine = TestMachine::answering(&stand_in, &[]);
    let cli = wtb::parse(["wtb", "status", "--json"].map(Into::into).to_vec(), &machine).unwrap();
    let exit = wtb::run(&cli, sdk, &machine).await;
    format!("exit status {}\n{}", exit as u8, machine.run(&stand_in, "status --state nonsense").await.out)
}

#[tokio::test]
async fn missing_region_is_named() {
    let sdk = config("http://127.0.0.1:9").into_builder().region(None).build();
    assert_snapshot!(status_with(sdk).await);
}

#[tokio::test]
async fn missing_connection_is_named() {
    // Port 9 is `discard`, which nobody serves.
    let text = status_with(config("http://127.0.0.1:9")).await;
    assert!(text.starts_with("exit status 4\n"), "{text}");
    assert!(text.contains("\"no_connection\"") && text.contains("check the network"), "{text}");
}
