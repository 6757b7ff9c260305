//! What a warm door keeps in memory.

mod grants;
mod keys;

pub use grants::{CachedGrants, Held, Lookup, Record, Standing};
pub use keys::CachedKeys;
