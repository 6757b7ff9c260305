//! The agent as an extension of a Lambda function.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use simulator::lambda::ExtensionsApi;
use tokio::process::{Child, Command};
use wiremock::ResponseTemplate;

use crate::fixture::{Caller, EXECUTABLE, StubVend, free_port, token};

/// What [`ExtensionsApi::command`] gives the function as its session token.
const SESSION_TOKEN: &str = "session-token-of-the-function";

fn start(api: &ExtensionsApi, vend: &str, port: u16) -> Command {
    let mut command = api.command(EXECUTABLE);
    command.env("VEND_URL", vend).env("AGENT_PORT", port.to_string()).stdout(Stdio::piped());
    command
}

/// An extension that is ready for its first event, and a function that asks it.
async fn ready_beside(vend: &StubVend) -> (ExtensionsApi, Caller, Child) {
    let api = ExtensionsApi::start().await.unwrap();
    let port = free_port();
    let process = start(&api, &vend.server.uri(), port).spawn().unwrap();
    api.asked().await;
    (api, Caller::new(port, SESSION_TOKEN), process)
}

async fn printed(process: Child) -> (bool, String) {
    let output = process.wait_with_output().await.unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn extension_registers_serves_and_ends_with_the_environment() {
    let vend = StubVend::new(token("canary-token", 86400)).await;
    let api = ExtensionsApi::start().await.unwrap();
    let port = free_port();
    let process = start(&api, &vend.server.uri(), port).spawn().unwrap();
    assert_eq!(api.report().await, json!({"name": "webex-token-agent", "events": ["INVOKE", "SHUTDOWN"]}));
    api.asked().await;
    let function = Caller::new(port, SESSION_TOKEN);
    // The port is open before the function starts: no `ready` here.
    assert_eq!(function.token().await.body["access_token"], "canary-token");
    for _ in 0..3 {
        api.invoke();
        api.asked().await;
        assert_eq!(function.token().await.body["access_token"], "canary-token");
    }
    assert_eq!(vend.calls(), 1);
    let signature = &vend.server.received_requests().await.unwrap()[0].headers["authorization"];
    let scope = "/eu-central-1/lambda/aws4_request";
    assert!(signature.to_str().unwrap().starts_with("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/"), "{signature:?}");
    assert!(signature.to_str().unwrap().contains(scope), "{signature:?}");
    api.shut_down();
    let (is_success, log) = printed(process).await;
    assert!(is_success && !log.contains("canary") && !log.contains(SESSION_TOKEN), "{log}");
}

#[tokio::test]
async fn extension_may_be_frozen_only_when_its_renewals_are_done() {
    let vend = StubVend::new(token("one", 600)).await;
    let (api, function, _process) = ready_beside(&vend).await;
    function.token().await;
    vend.answer(token("two", 86400).set_delay(Duration::from_millis(300)));
    vend.calls();
    api.invoke();
    vend.called(1).await;
    tokio::select! {
        biased;
        () = api.asked() => panic!("the environment may be frozen during a renewal"),
        answer = function.token() => assert_eq!(answer.body["access_token"], "one"),
    }
    api.asked().await;
    assert_eq!((function.token().await.body["access_token"].as_str(), vend.calls()), (Some("two"), 1));
}

#[tokio::test]
async fn extension_delays_no_invocation_for_long() {
    let vend = StubVend::new(token("one", 600)).await;
    let (api, function, _process) = ready_beside(&vend).await;
    function.token().await;
    vend.answer(ResponseTemplate::new(200).set_delay(Duration::from_hours(1)));
    api.invoke();
    tokio::time::timeout(Duration::from_secs(6), api.asked()).await.unwrap();
}

#[tokio::test]
async fn extension_that_cannot_start_reports_it_to_lambda() {
    let api = ExtensionsApi::start().await.unwrap();
    let without_address = start(&api, "", free_port()).spawn().unwrap();
    assert_eq!(api.report().await["name"], "webex-token-agent");
    let report = api.report().await;
    assert_eq!(report["kind"], "Extension.InvalidConfiguration");
    assert!(report["error"]["errorMessage"].as_str().unwrap().starts_with("VEND_URL must be set"), "{report}");
    assert!(!printed(without_address).await.0);
    let mut outside = start(&api, "https://vend.example", free_port());
    let (is_success, log) = printed(outside.env_remove("AWS_LAMBDA_RUNTIME_API").spawn().unwrap()).await;
    assert!(!is_success && log.contains("AWS_LAMBDA_RUNTIME_API is not set"), "{log}");
}
