//! Wires the function.

use std::process::ExitCode;

use consent::{Settings, build};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::start::door(Settings::read, build).await
}
