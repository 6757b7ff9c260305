//! What both stand-ins share: the listener, the path of a request, faults, gates and the journal.

mod conduct;
mod faults;
mod gate;
mod journal;
mod loopback;
mod message;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use conduct::{Outcome, Server, Service, Upset};
pub use faults::{Faults, Unconsumed};
pub use gate::{Gate, Point};
pub use journal::{Entry, Journal};
pub(crate) use loopback::Loopback;
pub(crate) use message::{Answer, Call};

/// Locks, and goes on after a panic elsewhere: a failed test must not fail its neighbours.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
