//! The entry point of the prober, which holds no secret and reads none.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_kit::run::run_direct(prober::Settings::read, prober::build).await
}
