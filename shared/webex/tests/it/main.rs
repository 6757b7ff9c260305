//! The Webex client against mock servers and against the simulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod against_simulator;
mod captured_log;
mod foreign_answers;
mod pagination;
mod requests;
mod responses;
mod retries;
mod secrecy;
mod support;
mod transport;
