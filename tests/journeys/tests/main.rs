//! Tests across crates: stories over HTTP through the real handlers, the state machine against a model, and the rules of
//! the repository.

#![expect(clippy::unwrap_used, reason = "an unwrap that fails in a test fails that test")]

mod browser;
mod callers;
mod functions;
mod harness;
mod model;
mod oidc;
mod policy;
mod secrecy;
mod stories;
mod tidy;
