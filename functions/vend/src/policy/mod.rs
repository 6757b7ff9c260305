//! Who may have what: the operator's policy, in Cedar.
//!
//! What no policy permits is denied, and so is whatever a policy fails to evaluate: a `forbid` that breaks must not let
//! anybody in. Cedar is a feature of the build, because it makes the binary half as large again.

mod ask;
#[cfg(feature = "cedar")]
mod cedar;
#[cfg(feature = "cedar")]
mod entities;
#[cfg(feature = "cedar")]
mod literals;
#[cfg(not(feature = "cedar"))]
mod none;
#[cfg(feature = "cedar")]
mod source;

pub use ask::{Action, Ask, Resource};
#[cfg(feature = "cedar")]
pub use cedar::Policy;
#[cfg(not(feature = "cedar"))]
pub use none::Policy;

/// What the policy says, and by which of its statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the caller may.
    pub allowed: bool,
    /// What decided: those that permit, or those that forbid. Nothing, if nothing permits.
    pub by: Vec<String>,
}

#[cfg(test)]
#[cfg(feature = "cedar")]
#[path = "policy_tests.rs"]
mod tests;
