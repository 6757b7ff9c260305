//! The agent between a vend that answers as a test says and callers on this machine.

#![expect(clippy::unwrap_used, reason = "an unwrap that fails in a test fails that test")]

mod deploy;
mod extension;
mod fixture;
mod load;
mod process;
mod serve;
mod write;
