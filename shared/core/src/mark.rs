//! The mark of an app, by which the refresher tells vend to read its grants again.
//!
//! vend keeps a record in memory for days and looks at the mark of its app once in `CACHE_TTL`. The refresher moves the
//! mark before it takes a token back: by a fence, by the end of a grant, or by replacing a token that Webex no longer
//! takes. A mark that has moved does not say when the write follows. So it comes with a lease: what was read before the
//! lease is over counts as read too early.

use jiff::SignedDuration;

/// How long after a move of the mark a token may be taken back without another one.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// A value that was never there before. Only its difference from the last one means anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(pub String);
