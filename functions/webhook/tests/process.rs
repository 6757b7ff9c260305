//! The function as a process of its own.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use simulator::lambda::{RuntimeApi, starts_while_a_connection_hangs};
use simulator::webex::Delivery;
use simulator::{Clock, Options, Simulator};
use tokio::net::TcpListener;

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_webhook");
const SECRET: &str = "webhook-secret";

#[tokio::test]
async fn function_starts_while_every_service_is_down() -> anyhow::Result<()> {
    starts_while_a_connection_hangs(EXECUTABLE).await
}

/// A Lambda API that accepts every asynchronous invocation.
async fn accepting_lambda() -> anyhow::Result<String> {
    let path = "/2015-03-31/functions/refresher/invocations";
    let router = Router::new().route(path, post(|| async { StatusCode::ACCEPTED }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

/// A signed `authorized` delivery to `app`, as a Function URL sends it.
fn delivery(app: &str) -> anyhow::Result<Value> {
    let body = json!({"resource": "serviceApp", "event": "authorized",
        "data": {"authorizerOrgId": "ce861fba-6e2f-49f9-9a84-b354008fac9e"}});
    let signed = Delivery::sign(SECRET, body.to_string().into_bytes());
    let signature = signed.header("X-Spark-Signature").context("no signature")?;
    let path = format!("/webhooks/{app}");
    Ok(json!({"version": "2.0", "rawPath": path, "rawQueryString": "", "isBase64Encoded": false,
        "headers": {"x-spark-signature": signature}, "body": body.to_string(),
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": path}}}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn genuine_delivery_is_accepted_after_a_flood_of_unknown_apps() -> anyhow::Result<()> {
    let simulator = Simulator::start(Options::new(Clock::system())).await?;
    simulator.secrets.put_json("webex-token-broker/webhooks/reports", &json!({"secrets": [SECRET]}))?;
    let runtime = RuntimeApi::start().await?;
    let mut command = runtime.command(EXECUTABLE);
    command.env("AWS_ENDPOINT_URL_SECRETS_MANAGER", simulator.secrets.endpoint_url());
    command.env("AWS_ENDPOINT_URL_LAMBDA", accepting_lambda().await?);
    command.stdout(Stdio::null());
    let _function = command.spawn()?;
    for index in 0..100 {
        runtime.enqueue(delivery(&format!("made-up-{index}"))?);
        let answer = runtime.answer().await;
        ensure!(answer["statusCode"] == 404, "{index}: {answer}");
    }
    runtime.enqueue(delivery("reports")?);
    let answer = runtime.answer().await;
    ensure!(answer["statusCode"] == 202, "{answer}");
    Ok(())
}
