//! The Webex port over HTTP: mint, refresh, exchange, webhooks, guests; retries and error envelopes.
//!
//! Read in this order: `api` (one method per endpoint), `request` (a request before it is sent), `retry_loop` (sends a
//! request as often as `retry` allows), `http` (one attempt), `error` and `envelope` (build errors that hold no
//! secret), `response` and `wire` (parse successful responses).
//!
//! Architecture invariant: no secret that is part of a request leaves this crate in an error or a log line, whatever
//! the response echoes. `WebexRequest` marks every secret when it is added, and `Redactor` is built from these marks.

mod all_pages;
mod api;
mod data_sources;
mod envelope;
mod error;
mod http;
mod pagination;
mod rate_limit_hold;
mod redact;
mod request;
mod response;
mod retry;
mod retry_loop;
mod wire;

pub use api::WebexApi;
pub use wire::guest::Guest;
