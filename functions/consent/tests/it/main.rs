//! The pages, asked as Lambda would ask, with a refresher that answers what the test says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod callback;
mod gate;
mod pages;
mod support;
mod xss;
