//! The entry point.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    agent::run(std::env::args_os()).await
}
