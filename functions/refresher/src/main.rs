//! The entry point of the refresher, the only function that reads client secrets and writes grants.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_kit::run::run_direct(refresher::Settings::read, refresher::build).await
}
