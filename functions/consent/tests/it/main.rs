//! The pages, requested as Lambda does, with a refresher whose answers each test sets.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod access;
mod acts;
mod callback;
mod console;
mod fleet;
mod links;
mod pages;
mod support;
mod xss;
