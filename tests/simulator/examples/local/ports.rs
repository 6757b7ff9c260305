//! Where everything listens, on 127.0.0.1.

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
    /// `base` and the two after it.
    pub(crate) fn from_base(base: u16) -> Option<Self> {
        Some(Self {
            webex: Some(base).filter(|&base| base > 0)?,
            secrets: base.checked_add(1)?,
            functions: base.checked_add(2)?,
        })
    }

    /// Says which port is taken, before anything is built or fetched.
    pub(crate) fn check(self) -> anyhow::Result<()> {
        let wanted = [
            (self.webex, "the simulated Webex"),
            (self.secrets, "the simulated Secrets Manager"),
            (self.functions, "the functions"),
        ];
        for (port, who) in wanted {
            let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else {
                continue;
            };
            let why = match error.kind() {
                ErrorKind::AddrInUse => "is taken by another program (another `cargo local`?)".to_owned(),
                _ => format!("cannot be had: {error}"),
            };
            bail!(
                "port {port} on 127.0.0.1, which {who} would use, {why}.\n\
                 Free it, or choose three others in a row, for example: cargo local --port {}",
                if self.webex == 9200 { 9300 } else { 9200 }
            );
        }
        Ok(())
    }
}
