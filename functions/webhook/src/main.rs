//! Wires the function.

use std::process::ExitCode;

use webhook::{Settings, build};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::start::door(Settings::read, build).await
}
