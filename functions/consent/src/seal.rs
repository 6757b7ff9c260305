//! What the browser keeps for us, so that it can be believed when it comes back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use broker_core::token::Fingerprint;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The operating system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub(crate) struct NoRandomness(#[source] getrandom::Error);

/// 256 random bits as 43 characters of base64url: for `state`, for PKCE's verifier, for what must be unique.
pub(crate) fn random() -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// HMAC-SHA256 (RFC 2104) over what goes into a cookie, for one purpose each.
pub(crate) struct Seal(Vec<u8>);

impl Seal {
    /// The same for every environment of the deployment: keyed by the digest of the operator key. Whoever can read the
    /// digest in the function's configuration can seal, and could as well put another digest there.
    pub(crate) fn of_deployment(key: &Fingerprint) -> Self {
        Self(key.hex().into_bytes())
    }

    /// This environment's own; enough on one machine, where there is no other.
    pub(crate) fn of_environment() -> Self {
        Self(random().map(String::into_bytes).unwrap_or_default())
    }

    /// `payload` under the seal, in characters that a cookie may have.
    pub(crate) fn close(&self, purpose: &str, payload: &[u8]) -> Option<String> {
        let mac = self.mac(purpose, payload)?.finalize().into_bytes();
        let (payload, mac) = (URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(mac));
        Some(format!("{payload}.{mac}"))
    }

    /// What was closed for this purpose; `None` for anything else.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        let (payload, mac) = sealed.split_once('.')?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac(purpose, &payload)?.verify_slice(&mac).ok()?;
        Some(payload)
    }

    /// Without a key there is no seal: nothing is closed and nothing opens.
    fn mac(&self, purpose: &str, payload: &[u8]) -> Option<Hmac<Sha256>> {
        if self.0.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(payload);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_for_its_purpose_alone_and_untouched() {
        let seal = Seal::of_environment();
        let sealed = seal.close("flow", b"payload").unwrap();
        assert_eq!(seal.open("flow", &sealed).as_deref(), Some(&b"payload"[..]));
        assert_eq!(seal.open("session", &sealed), None);
        assert_eq!(Seal::of_environment().open("flow", &sealed), None);
        for at in 0..sealed.len() {
            let mut forged = sealed.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open("flow", std::str::from_utf8(&forged).unwrap()), None, "{at}");
        }
        for nonsense in ["", ".", "a", "a.b", "ä.ö"] {
            assert_eq!(seal.open("flow", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn without_a_key_nothing_opens() {
        assert_eq!(Seal(Vec::new()).close("flow", b"x"), None);
        assert_eq!(Seal(Vec::new()).open("flow", "eA.eA"), None);
    }

    #[test]
    fn randomness_is_256_bits_that_a_verifier_may_have() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_eq!(one.len(), 43); // RFC 7636 section 4.1 wants 43 to 128
        assert_ne!(one, other);
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(one.chars().all(fits));
    }
}
