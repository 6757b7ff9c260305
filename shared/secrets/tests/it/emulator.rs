//! Emulators, started for one test and stopped at its end.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An emulator in a process of its own.
pub(crate) struct Emulator {
    pub(crate) endpoint_url: String,
    process: Child,
}

/// Attempts to connect to a starting emulator, a tenth of a second apart: Python on a busy machine.
const CONNECT_ATTEMPTS: u32 = 300;

impl Emulator {
    /// `pip install 'moto[server,secretsmanager]'`.
    pub(crate) async fn moto() -> Option<Self> {
        let port = free_port();
        let mut command = Command::new(program("MOTO_SERVER", "moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Self::start(command, port).await
    }

    /// `pip install 'ministack[full]'`.
    pub(crate) async fn ministack() -> Option<Self> {
        let port = free_port();
        let mut command = Command::new(program("MINISTACK", "ministack"));
        command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
        Self::start(command, port).await
    }

    async fn start(mut command: Command, port: u16) -> Option<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = match command.spawn() {
            Ok(process) => process,
            Err(error) => {
                let program = Path::new(command.get_program());
                assert!(!program.is_absolute(), "{} was configured and cannot be started: {error}", program.display());
                println!("skipped: {} cannot be started: {error}", program.display());
                return None;
            }
        };
        let endpoint_url = format!("http://127.0.0.1:{port}");
        let emulator = Self { endpoint_url, process };
        for _ in 0..CONNECT_ATTEMPTS {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Some(emulator);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} does not accept connections", command.get_program().display());
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the emulators' paths belong to the machine, not to the configuration of a function"
)]
fn program(variable: &str, default: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
