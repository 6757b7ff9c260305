//! The state that all requests share.

use std::sync::Arc;

use crate::guard::Guard;
use crate::token_cache::TokenCache;

/// The parts that all requests use.
pub struct AgentState<A, C> {
    /// The check of each caller.
    pub guard: Guard,
    /// The tokens.
    pub tokens: Arc<TokenCache<A, C>>,
}
