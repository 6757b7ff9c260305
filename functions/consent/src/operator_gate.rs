//! Lets operators in, or where no operator key is configured, requests from this machine.
//!
//! Not even the callback is open to strangers: a code of their own with a `state` of their own would put their grant in
//! the minter's place.

use std::net::IpAddr;

use broker_core::token::{Fingerprint, OperatorKey};
use jiff::Timestamp;
use lambda_http::Request;
use lambda_http::http::HeaderValue;
use lambda_kit::http_function;

use crate::error::Error;
use crate::key_rate_limit::KeyRateLimit;
use crate::operator_session::OperatorSession;
use crate::seal::{CookieSeal, CryptoError, random_text};

/// A longer key would not fit into the session's cookie.
const MAX_KEY_BYTES: usize = 1024;

/// Decides which requests are served.
pub(crate) enum OperatorGate {
    /// Operators sign in with a key; this is its digest.
    Key {
        /// SHA-256 of the operator key.
        digest: Fingerprint,
        /// Limits guesses.
        attempts: KeyRateLimit,
    },
    /// No key is configured: this machine alone is served.
    Loopback {
        /// Random for each process, which suffices because there is only one. `None` if there were no random bytes.
        secret: Option<String>,
    },
}

impl OperatorGate {
    pub(crate) fn new(digest: Option<Fingerprint>) -> Self {
        match digest {
            Some(digest) => Self::Key { digest, attempts: KeyRateLimit::default() },
            None => Self::Loopback { secret: random_text().ok() },
        }
    }

    /// Whether operators sign in with a key.
    pub(crate) fn has_key(&self) -> bool {
        matches!(self, Self::Key { .. })
    }

    /// Admits a request to every page but the callback.
    pub(crate) fn authenticate(&self, request: &Request, now: Timestamp) -> Result<(), Error> {
        let Self::Key { digest, .. } = self else { return require_loopback(request) };
        match OperatorSession::read(request, digest, now) {
            Some(session) if session.is_active(now) => Ok(()),
            _ => Err(Error::KeyRequired),
        }
    }

    /// Admits a request to the callback or to a link. Where there is a key, the seal of the flow or of the link proves
    /// that an operator is behind it.
    pub(crate) fn authenticate_sealed(&self, request: &Request) -> Result<(), Error> {
        match self {
            Self::Key { .. } => Ok(()),
            Self::Loopback { .. } => require_loopback(request),
        }
    }

    /// The seal of the flows that the sender of `request` may start and finish; `None` without a session.
    pub(crate) fn flow_seal(&self, request: &Request, now: Timestamp) -> Result<Option<CookieSeal>, CryptoError> {
        self.seal_for(request, now, "flow")
    }

    /// The seal of the console's forms and results for the sender of `request`; `None` without a session.
    pub(crate) fn console_seal(&self, request: &Request, now: Timestamp) -> Result<Option<CookieSeal>, CryptoError> {
        self.seal_for(request, now, "console")
    }

    /// The seal of the addresses of links. Its key comes from the configuration, since whoever opens a link has no
    /// operator key: it keeps strangers out, and the refresher's signature inside keeps out those who read configurations.
    pub(crate) fn link_seal(&self) -> Result<CookieSeal, CryptoError> {
        self.shared_seal("consent link")
    }

    /// The seal of the flows that a link starts.
    pub(crate) fn guest_flow_seal(&self) -> Result<CookieSeal, CryptoError> {
        self.shared_seal("guest flow")
    }

    fn shared_seal(&self, purpose: &str) -> Result<CookieSeal, CryptoError> {
        match self {
            Self::Loopback { secret } => CookieSeal::derive(secret.as_ref().ok_or(CryptoError)?.as_bytes(), purpose),
            Self::Key { digest, .. } => CookieSeal::derive(digest.hex().as_bytes(), purpose),
        }
    }

    fn seal_for(&self, request: &Request, now: Timestamp, purpose: &str) -> Result<Option<CookieSeal>, CryptoError> {
        match self {
            Self::Loopback { secret } => {
                let secret = secret.as_ref().ok_or(CryptoError)?;
                CookieSeal::derive(secret.as_bytes(), purpose).map(Some)
            }
            Self::Key { digest, .. } => match OperatorSession::read(request, digest, now) {
                Some(session) => session.seal_for(purpose).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Begins a session for whoever sends the right key, and returns its cookie.
    pub(crate) fn sign_in(&self, request: &Request, key: &str, now: Timestamp) -> Result<HeaderValue, Error> {
        let Self::Key { digest, attempts } = self else {
            require_loopback(request)?;
            return Err(Error::PageNotFound);
        };
        let source = source_address(request);
        attempts.count(source, now).map_err(|retry_after| Error::TooManyAttempts { retry_after })?;
        if key.len() > MAX_KEY_BYTES {
            return Err(Error::WrongKey);
        }
        let session = OperatorSession::begin(OperatorKey::new(key), digest, now).ok_or(Error::WrongKey)?;
        attempts.trust(source, now);
        Ok(session.cookie(digest)?)
    }
}

fn require_loopback(request: &Request) -> Result<(), Error> {
    if http_function::is_from_this_machine(request) { Ok(()) } else { Err(Error::LoopbackOnly) }
}

/// The address that the gateway saw. Behind a content-delivery network it is the network's.
fn source_address(request: &Request) -> Option<IpAddr> {
    http_function::gateway(request)?.source_ip.as_deref()?.parse().ok()
}

/// Whether another site sent the browser. Every browser says so (Fetch Metadata); other clients need not.
pub(crate) fn is_cross_site(request: &Request) -> bool {
    match request.headers().get("sec-fetch-site") {
        Some(site) => site != "same-origin" && site != "none",
        None => false,
    }
}
