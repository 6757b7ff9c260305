//! The address of a consent link, as the consent function opens it.
//!
//! `functions/consent/src/seal.rs` holds the other half, and a journey opens what this makes. The seal keeps strangers'
//! inventions from waking the refresher; the proof is the refresher's signature inside (decision 0025).

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use broker_core::token::LinkToken;
use url::Url;

/// Separates the key from any other use of the digest.
const SALT: &[u8] = b"webex-token-broker/consent";
/// Separates the key from those of the console's cookies.
const PURPOSE: &[u8] = b"consent link";

/// The address that a person opens, beside the redirect URI of the grant's app. `key_digest` is the value of
/// `CONSENT_KEY_SHA256`. `None` if the redirect URI is no URL, or if the cryptographic library fails.
pub fn link_address(redirect_uri: &str, link: &LinkToken, key_digest: &str) -> Option<String> {
    let mut key = [0; 32];
    let secret = Salt::new(HKDF_SHA256, SALT).extract(key_digest.as_bytes());
    secret.expand(&[PURPOSE], HKDF_SHA256).ok()?.fill(&mut key).ok()?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, &key).ok()?;
    let mut ciphertext = link.expose().as_bytes().to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::empty(), &mut ciphertext).ok()?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut ciphertext);
    let page = format!("invited?link={}", URL_SAFE_NO_PAD.encode(sealed));
    Some(Url::parse(redirect_uri).ok()?.join(&page).ok()?.into())
}
