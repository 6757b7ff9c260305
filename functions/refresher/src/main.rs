//! The refresher: the one function that holds client secrets, talks to Webex's token endpoints and writes pairs.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_kit::start::run_direct(refresher::Settings::read, refresher::build).await
}
