//! Who is calling, and what they may do.

use jiff::Timestamp;

use super::problem::{Outcome, Problem};
use super::tokens::Access;
use super::world::World;
use crate::transport::Call;

impl World {
    /// The meaning of the call's bearer token; 401 unless it is alive.
    pub(crate) fn caller(&self, call: &Call, now: Timestamp) -> Outcome<Access> {
        let access = call.bearer().and_then(|token| self.tokens.access(token, now));
        access.cloned().ok_or_else(Problem::unauthorized)
    }
}

impl Access {
    /// 403 unless the token has one of `scopes`. A personal access token has all of its user's.
    pub(crate) fn demand(&self, scopes: &[&str]) -> Outcome<()> {
        let granted = |own: &Vec<String>| own.iter().any(|scope| scopes.contains(&scope.as_str()));
        if self.scopes.as_ref().is_none_or(granted) {
            return Ok(());
        }
        let text = format!("Missing required scopes: {}.", scopes.join(" or "));
        Err(Problem::forbidden(text))
    }
}
