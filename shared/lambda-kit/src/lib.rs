//! The shell that all functions share: configuration, clock, log, metrics, HTTP, problem responses, invoking the
//! refresher, and running a function in Lambda.
//!
//! Architecture invariant: this crate sees neither Secrets Manager nor Webex; it depends on the core alone. The
//! environment ([`config::environment`]) and the system clock ([`clock::SystemClock`]) are read here and nowhere else.
//!
//! Read in this order: [`run`] (what a `main.rs` does), [`config`], [`aws`], then [`http_event`], [`gateway`],
//! [`http_function`], [`base_path`] and [`problem`] (requests and responses), [`refresher`] (how HTTP functions invoke the refresher),
//! [`log`] and [`metrics`].

pub mod aws;
pub mod base_path;
pub mod clock;
pub mod config;
pub mod gateway;
pub mod http_event;
pub mod http_function;
pub mod log;
pub mod metrics;
pub mod problem;
pub mod refresher;
pub mod run;
