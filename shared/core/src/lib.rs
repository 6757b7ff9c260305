//! The rules of the broker: what an id, a token, an event and a grant are, when a pair is due, what follows from each
//! event and each of Webex's answers, and the commands that put these together over two ports.
//!
//! Architecture invariant: nothing here does I/O. No clock is read, no environment, no socket; the crate depends on no
//! runtime, no HTTP client and no AWS crate. `tests/journeys/tests/tidy` proves it over `cargo metadata`.
//!
//! Read in this order: [`id`] and [`token`] (the words), [`grant`] (the record and its transitions), [`schedule`] (when),
//! [`verdict`] (what Webex's errors mean), [`data_sources`] (the second clock), [`signature`] and [`event`] (what Webex
//! delivers), [`port`] (the outside worlds), `records` (the only compare-and-swap loop), `renewal` (a better pair for one
//! grant), `commands` (one file a request tag), [`mark`] (what vend must read again), [`broker`] (the facade), [`request`] (what the HTTP functions ask for).

pub mod app;
pub mod app_state;
pub mod attention;
pub mod backoff;
pub mod broker;
pub mod clock;
mod commands;
pub mod consent_link;
mod context;
pub mod data_sources;
pub mod error;
pub mod event;
pub mod grant;
pub mod id;
mod invocation;
pub mod mark;
mod memory;
pub mod notice;
mod notify;
pub mod pair;
pub mod port;
mod records;
mod renewal;
pub mod request;
pub mod schedule;
mod settings;
pub mod signature;
pub mod sync;
pub mod token;
pub mod verdict;
