//! What a warm door keeps in memory.

mod grants;
mod keys;

pub use grants::{CachedGrants, Read};
pub use keys::CachedKeys;
