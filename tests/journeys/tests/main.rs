//! Stories over HTTP through the real handlers, the state machine against a model, and what must be true of the
//! repository itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

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
