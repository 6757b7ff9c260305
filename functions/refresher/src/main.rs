//! The entry point of the refresher, the only function that reads client secrets and writes grants.

// The commands of the core nest futures deeper than the compiler follows by default.
#![recursion_limit = "256"]

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_kit::run::run_direct(refresher::Settings::read, refresher::build).await
}
