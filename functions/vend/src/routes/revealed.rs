//! Access tokens in responses.

use broker_core::token::AccessToken;
use serde::{Serialize, Serializer};

/// An access token that serialises as its text. It is the only place in this function that exposes a token.
pub(super) struct RevealedToken<'a>(pub(super) &'a AccessToken);

impl Serialize for RevealedToken<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose())
    }
}
