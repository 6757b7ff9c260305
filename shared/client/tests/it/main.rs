//! The table of cases that all clients share, `shared/clients/cases.json`, run by the client in Rust.

#![expect(clippy::unwrap_used, reason = "an unwrap that fails in a test fails that test")]

mod stubs;
mod table;
