//! The Webex client against servers that answer as Webex does, or worse.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod log;
mod paging;
mod requests;
mod retries;
mod secrecy;
mod simulated;
mod support;
mod trouble;
