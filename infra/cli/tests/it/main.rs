//! `wtb` against a stand-in for the AWS APIs that it calls, with a terminal and a clock that tests control.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod app;
mod arguments;
mod cbor;
mod doctor;
mod errors;
mod fixtures;
mod grant;
mod link;
mod machine;
mod minter;
mod notify;
mod process;
mod runbook;
mod secrecy;
mod stand_in;
mod status;
mod sweep;
mod webhook;
