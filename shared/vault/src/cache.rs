//! What a warm door keeps in memory.

mod grants;
mod keys;

pub use grants::{CachedGrants, Lookup};
pub use keys::CachedKeys;
