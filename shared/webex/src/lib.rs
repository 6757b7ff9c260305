//! The Webex port over HTTP: mint, refresh, exchange, webhooks, guests; retries and error envelopes.
//!
//! Read in this order: `api` (one method per endpoint), `call` (what is sent), `driver` (one call, as many attempts
//! as `retry` allows), `http` (one attempt), `failure` and `envelope` (what went wrong, in words that hold no
//! secret), `read` and `wire` (what the answers mean).
//!
//! Architecture invariant: nothing that was sent as a secret leaves this crate in an error or a log line, whatever
//! Webex echoes. Every secret goes into a `Call` through one door, and the same list feeds the redaction.

mod api;
mod call;
mod driver;
mod envelope;
mod failure;
mod hold;
mod http;
mod link;
mod read;
mod redact;
mod retry;
mod wire;

pub use api::WebexApi;
pub use wire::guest::Guest;
