//! What every function's shell shares: configuration, clock, log, metrics, problem answers, routing, invoking the
//! refresher, and starting up.
//!
//! Architecture invariant: this crate never sees the store or Webex; it depends on the core alone. The environment
//! ([`config::environment`]) and the system's clock ([`clock::SystemClock`]) are read here and nowhere else.
//!
//! Read in this order: [`start`] (what a `main.rs` does), [`config`], [`aws`], then [`gateway`], [`door`] and [`problem`]
//! (what an HTTP function is asked and answers), [`refresher`] (what a door asks), [`log`] and [`metrics`] (what is left
//! behind).

pub mod aws;
pub mod clock;
pub mod config;
pub mod event;
pub mod gateway;
pub mod http_function;
pub mod log;
pub mod metrics;
pub mod problem;
pub mod refresher;
pub mod start;
