//! The HTTP side that Webex and Secrets Manager share: listener, request handling, faults, gates and journal.

mod faults;
mod gate;
mod journal;
mod loopback;
mod message;
mod server;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use faults::{Faults, Unconsumed};
pub use gate::{Gate, Point};
pub use journal::{Entry, Journal};
pub(crate) use loopback::Loopback;
pub(crate) use message::{Request, Response};
pub(crate) use server::{AppliedFault, RequestEnd, Server, Service};

/// Locks a mutex even if it is poisoned: a test that panics must not fail the tests beside it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
