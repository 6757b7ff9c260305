//! The caller behind a bearer token, and its scopes.

use jiff::Timestamp;

use super::error::{WebexError, WebexResult};
use super::tokens::AccessToken;
use super::world::World;
use crate::transport::Request;

impl World {
    /// The request's access token; 401 unless it is alive.
    pub(crate) fn caller(&self, request: &Request, now: Timestamp) -> WebexResult<AccessToken> {
        let Some(token) = request.bearer() else {
            return Err(WebexError::unauthorized());
        };
        match self.tokens.access(token, now) {
            Some(access) => Ok(access.clone()),
            None => Err(WebexError::unauthorized()),
        }
    }
}

impl AccessToken {
    /// 403 unless the token has one of `scopes`. A personal access token has all scopes of its user.
    pub(crate) fn require_scope(&self, scopes: &[&str]) -> WebexResult<()> {
        let Some(granted) = &self.scopes else {
            return Ok(());
        };
        if granted.iter().any(|scope| scopes.contains(&scope.as_str())) {
            return Ok(());
        }
        Err(WebexError::missing_rights())
    }
}
