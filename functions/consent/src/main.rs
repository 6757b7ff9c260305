//! Runs the consent function in Lambda.

use std::process::ExitCode;

use consent::{Settings, build};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_kit::run::run_http(Settings::read, build).await
}
