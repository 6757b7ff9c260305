//! Encrypts and authenticates cookie values with AES-256-GCM.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Separates these keys from any other use of the same secret.
const SALT: &[u8] = b"webex-token-broker/consent";

/// A cryptographic operation failed. In practice only the operating system's random number generator can cause it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library failed")]
pub(crate) struct CryptoError;

impl From<Unspecified> for CryptoError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// Returns 256 random bits as 43 characters of base64url, which suit OAuth's `state` and a PKCE verifier.
pub(crate) fn random_text() -> Result<String, CryptoError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Seals values for one purpose.
pub(crate) struct CookieSeal(RandomizedNonceKey);

impl CookieSeal {
    /// Derives the key from `secret` (HKDF-SHA256, RFC 5869). Seals of different purposes cannot open each other's values.
    pub(crate) fn derive(secret: &[u8], purpose: &str) -> Result<Self, CryptoError> {
        let mut key = [0; 32];
        let info = [purpose.as_bytes()];
        Salt::new(HKDF_SHA256, SALT).extract(secret).expand(&info, HKDF_SHA256)?.fill(&mut key)?;
        Ok(Self(RandomizedNonceKey::new(&AES_256_GCM, &key)?))
    }

    /// Seals `value`. The result has only characters that a cookie may have.
    pub(crate) fn seal(&self, value: &[u8]) -> Result<String, CryptoError> {
        let mut ciphertext = value.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::empty(), &mut ciphertext)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut ciphertext);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens a sealed value; `None` if this seal did not make it.
    pub(crate) fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut ciphertext = ciphertext.to_vec();
        let value = self.0.open_in_place(nonce, Aad::empty(), &mut ciphertext).ok()?;
        Some(value.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_returns_what_seal_took() {
        let seal = CookieSeal::derive(b"secret", "flow").unwrap();
        let sealed = seal.seal(b"value").unwrap();
        assert_eq!(seal.open(&sealed).as_deref(), Some(&b"value"[..]));
        assert_ne!(seal.seal(b"value").unwrap(), sealed, "each seal has a nonce of its own");
    }

    #[test]
    fn open_refuses_other_secrets_and_purposes() {
        let sealed = CookieSeal::derive(b"secret", "flow").unwrap().seal(b"value").unwrap();
        assert_eq!(CookieSeal::derive(b"secret", "session").unwrap().open(&sealed), None);
        assert_eq!(CookieSeal::derive(b"secres", "flow").unwrap().open(&sealed), None);
    }

    #[test]
    fn open_refuses_every_changed_character() {
        let seal = CookieSeal::derive(b"secret", "flow").unwrap();
        let sealed = seal.seal(b"value").unwrap();
        for at in 0..sealed.len() {
            let mut forged = sealed.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open(std::str::from_utf8(&forged).unwrap()), None, "{at}");
        }
        for malformed in ["", "A", ".", "AAAA", "\u{e4}.\u{f6}"] {
            assert_eq!(seal.open(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn random_text_fits_a_pkce_verifier() {
        let text = random_text().unwrap();
        assert_eq!(text.len(), 43); // RFC 7636 section 4.1: 43 to 128
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)));
        assert_ne!(text, random_text().unwrap());
    }
}
