//! A build without Cedar, which can hold no policy.

use std::convert::Infallible;

use super::{Ask, Verdict};
use crate::identity::Caller;

/// There is none in this build.
pub struct Policy(Infallible);

impl Policy {
    /// Refuses: a policy that nobody reads would let in whom it was to keep out.
    pub fn parse(_text: &str) -> Result<Self, String> {
        Err("this build of vend has no Cedar: build it with `--features cedar`".to_owned())
    }

    /// Never asked.
    pub fn decide(&self, _caller: &Caller, _ask: &Ask<'_>) -> Verdict {
        match self.0 {}
    }
}
