//! Who may have what: the operator's policy, in Cedar.
//!
//! What no policy permits is denied, and so is whatever a policy fails to evaluate: a `forbid` that breaks must not let
//! anybody in.

mod ask;
mod cedar;
mod entities;
mod literals;
mod source;

pub use ask::{Action, Ask, Resource};
pub use cedar::Policy;

/// What the policy says, and by which of its statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the caller may.
    pub allowed: bool,
    /// What decided: those that permit, or those that forbid. Nothing, if nothing permits.
    pub by: Vec<String>,
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
