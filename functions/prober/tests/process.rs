//! The function as a process of its own.

use std::process::Stdio;

use anyhow::{bail, ensure};
use simulator::lambda::RuntimeApi;

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_prober");
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

#[tokio::test]
async fn function_starts_while_every_service_is_down_and_says_so() -> anyhow::Result<()> {
    let runtime = RuntimeApi::start().await?;
    let mut command = runtime.command(EXECUTABLE);
    command.env("VEND_URL", NOWHERE).env("WEBEX_API_BASE", NOWHERE).env("PROBE_GRANT", "reports/default");
    command.stdout(Stdio::null());
    let _function = command.spawn()?;
    runtime.enqueue(serde_json::json!({}));
    let answer = runtime.answer().await;
    ensure!(answer["token"] == "no_token", "{answer}");
    ensure!(answer["refusals"]["minter"] == "unknown", "{answer}");
    ensure!(answer["refusals"]["unsigned"] == "unknown", "{answer}");
    Ok(())
}

#[tokio::test]
async fn function_does_not_start_without_address_or_grant() -> anyhow::Result<()> {
    for (set, missing) in [("VEND_URL", "PROBE_GRANT"), ("PROBE_GRANT", "VEND_URL")] {
        let runtime = RuntimeApi::start().await?;
        let mut command = runtime.command(EXECUTABLE);
        command.env(set, if set == "VEND_URL" { NOWHERE } else { "reports/default" });
        tokio::select! {
            output = command.output() => {
                let log = String::from_utf8(output?.stdout)?;
                ensure!(log.contains(&format!("{missing} must be set to")), "{log}");
            }
            () = runtime.polled() => bail!("the function started without {missing}"),
        }
    }
    Ok(())
}
