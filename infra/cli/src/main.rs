//! `wtb`: parses the arguments, loads the AWS configuration and runs one command.

use std::process::ExitCode;

use wtb::SystemMachine;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let machine = SystemMachine::new();
    let arguments = std::env::args_os().collect();
    wtb::main(arguments, &machine).await.into()
}
