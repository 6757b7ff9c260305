//! The binary of the vend function.

use std::process::ExitCode;

use vend::{Settings, build};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_kit::run::run_http(Settings::read, build).await
}
