//! Caches for warm HTTP functions.

mod grants;
mod webhook_secrets;

pub use grants::{CacheLookup, CachedGrant, CachedGrants, CachedPair};
pub use webhook_secrets::CachedWebhookSecrets;

use jiff::{SignedDuration, Timestamp};

/// Whether less than `span` has passed since `then`. A `then` in the future means that the clock was set back, so
/// nothing is known about its age.
fn is_within(span: SignedDuration, then: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(then);
    age >= SignedDuration::ZERO && age < span
}
