//! The rules of the broker: what an id, a token, an event and a grant are, when a pair is due, what follows from each
//! event and each of Webex's answers, and the use cases that put these together over two ports.
//!
//! Architecture invariant: nothing here does I/O. No clock is read, no environment, no socket; the crate depends on no
//! runtime, no HTTP client and no AWS crate. `tests/journeys/tests/tidy` proves it over `cargo metadata`.
//!
//! Read in this order: [`id`] and [`token`] (the words), [`grant`] (the record and its transitions), [`schedule`] (when),
//! [`verdict`] (what Webex's errors mean), [`signature`] and [`event`] (what Webex tells us), [`port`] (the two outside
//! worlds), [`broker`] (the use cases), [`request`] (what the doors ask for).

pub mod app;
pub mod broker;
pub mod clock;
pub mod error;
pub mod event;
pub mod grant;
pub mod id;
pub mod pair;
pub mod port;
pub mod request;
pub mod schedule;
pub mod signature;
pub mod sync;
pub mod token;
pub mod verdict;
