//! Futures that go on when the schedule says so.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Whether it has ended.
pub(super) fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> bool {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Runs to its end what nobody else gets in the way of.
pub(super) fn run_alone<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
