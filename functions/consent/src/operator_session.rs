//! The operator's session: a cookie that proves that its browser was given the operator key.
//!
//! The function knows the key's SHA-256 alone, so a proof that it can check without any state is the key itself. The
//! cookie holds the key, encrypted under a key that is derived from the digest. That encryption is no proof, because
//! whoever reads the function's configuration can do the same; it keeps a stolen cookie from giving the key away, and
//! its holder from prolonging it. See `shared/decisions`.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use broker_core::token::{Fingerprint, OperatorKey};
use jiff::{SignedDuration, Timestamp};
use lambda_http::Request;
use lambda_http::http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::cookie::HostCookie;
use crate::flow;
use crate::seal::{CookieSeal, CryptoError};

/// How long an operator may go on without entering the key again.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// A session that was begun with the right key.
pub(crate) struct OperatorSession {
    key: OperatorKey,
    ends_at: Timestamp,
}

/// What the cookie holds.
#[derive(Serialize, Deserialize)]
struct SessionCookie {
    key: String,
    ends_at: Timestamp,
}

impl OperatorSession {
    /// Begins a session with a key; `None` if it is not the key that has this digest.
    pub(crate) fn begin(key: OperatorKey, digest: &Fingerprint, now: Timestamp) -> Option<Self> {
        if is_same(&key.fingerprint(), digest) { Some(Self { key, ends_at: now + LIFETIME }) } else { None }
    }

    /// Reads the session that `request` brings. It may have ended, but not longer ago than a flow lives.
    pub(crate) fn read(request: &Request, digest: &Fingerprint, now: Timestamp) -> Option<Self> {
        let sealed = HostCookie::Session.read(request)?;
        let cookie = seal(digest).ok()?.open(&sealed)?;
        let cookie: SessionCookie = serde_json::from_slice(&cookie).ok()?;
        let session = Self { key: OperatorKey::new(cookie.key), ends_at: cookie.ends_at };
        let is_in_time = now < session.ends_at + flow::LIFETIME && session.ends_at <= now + LIFETIME;
        if is_in_time && is_same(&session.key.fingerprint(), digest) { Some(session) } else { None }
    }

    /// Whether it still opens pages.
    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        now < self.ends_at
    }

    /// The cookie with which it can be read again. It outlives the session by the lifetime of a flow, whose callback
    /// needs the key.
    pub(crate) fn cookie(&self, digest: &Fingerprint) -> Result<HeaderValue, CryptoError> {
        let cookie = SessionCookie { key: self.key.expose().to_owned(), ends_at: self.ends_at };
        let cookie = serde_json::to_vec(&cookie).map_err(|_| CryptoError)?;
        let sealed = seal(digest)?.seal(&cookie)?;
        HostCookie::Session.set(&sealed, LIFETIME + flow::LIFETIME).ok_or(CryptoError)
    }

    /// The seal of this operator's values for one purpose: nobody without the key can make it.
    pub(crate) fn seal_for(&self, purpose: &str) -> Result<CookieSeal, CryptoError> {
        CookieSeal::derive(self.key.expose().as_bytes(), purpose)
    }
}

fn seal(digest: &Fingerprint) -> Result<CookieSeal, CryptoError> {
    CookieSeal::derive(digest.hex().as_bytes(), "operator session")
}

/// Compares digests in constant time.
fn is_same(one: &Fingerprint, other: &Fingerprint) -> bool {
    verify_slices_are_equal(one.hex().as_bytes(), other.hex().as_bytes()).is_ok()
}

#[cfg(test)]
mod tests;
