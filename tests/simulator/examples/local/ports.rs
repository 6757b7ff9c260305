//! The ports of the services on 127.0.0.1.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::bail;

/// Three ports in a row.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// The simulated Webex.
    pub(crate) webex: u16,
    /// The simulated Secrets Manager.
    pub(crate) secrets: u16,
    /// `cargo lambda watch`.
    pub(crate) functions: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { webex: 9100, secrets: 9101, functions: 9102 }
    }
}

impl Ports {
    /// `base` and the two ports after it; `None` if that is no valid range.
    pub(crate) fn from_base(base: u16) -> Option<Self> {
        if base == 0 {
            return None;
        }
        Some(Self { webex: base, secrets: base.checked_add(1)?, functions: base.checked_add(2)? })
    }

    /// The port that the printed commands suggest for a function run by hand.
    pub(crate) fn by_hand(self) -> u16 {
        self.functions.checked_add(1).unwrap_or(9103)
    }

    /// Fails if a port cannot be bound, before anything is built or installed. The error names the port.
    pub(crate) fn check(self) -> anyhow::Result<()> {
        let ports = [
            (self.webex, "the simulated Webex"),
            (self.secrets, "the simulated Secrets Manager"),
            (self.functions, "the functions"),
        ];
        for (port, user) in ports {
            let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else {
                continue;
            };
            let reason = match error.kind() {
                ErrorKind::AddrInUse => "is used by another program (another `cargo local`?)".to_owned(),
                _ => format!("cannot be bound: {error}"),
            };
            let other = if self.webex == 9200 { 9300 } else { 9200 };
            bail!(
                "port {port} on 127.0.0.1, needed by {user}, {reason}.\n\
                 Free it, or choose three other ports in a row, for example: cargo local --port {other}"
            );
        }
        Ok(())
    }
}
