//! Authorisation by the operator's policy, in Cedar.
//!
//! A request that no policy permits is denied, and so is every request for which a policy fails to evaluate: a failing
//! `forbid` must not admit a caller.

mod cedar;
mod entities;
mod literals;
mod nearest;
mod permits;
mod question;
mod source;

pub use cedar::{Policy, PolicyDecision};
pub use nearest::NearestPermit;
pub(crate) use permits::RememberingPolicy;
pub use question::{AccessRequest, Action, Resource};

#[cfg(test)]
mod tests;
