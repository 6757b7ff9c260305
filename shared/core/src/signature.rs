//! Webhook signatures: HMAC of the raw body, in one header that always comes and one that some webhooks add.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::token::WebhookSecret;

/// Why a delivery is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no `X-Spark-Signature`.
    #[error("the header X-Spark-Signature is missing")]
    Missing,
    /// `X-Spark-Signature` is not 40 lower-case hexadecimal digits.
    #[error("the header X-Spark-Signature is not 40 lower-case hexadecimal digits")]
    Malformed,
    /// None of the secrets explains the signatures.
    #[error("no secret of this app explains the signature")]
    Wrong,
}

/// Checks a delivery's signatures against each of the `secrets` that may be in use.
///
/// `X-Spark-Signature` (HMAC-SHA1, 40 lower-case hexadecimal digits) decides. `X-Webex-Signature`
/// (`SHA-256=<hex>, SHA-512=<hex>`) must match as well, under the same secret, where it is present and well formed; a
/// malformed one counts as absent, because its format is documented nowhere.
pub fn verify(
    secrets: &[WebhookSecret],
    spark_signature: Option<&str>,
    webex_signature: Option<&str>,
    body: &[u8],
) -> Result<(), SignatureError> {
    let sha1 = digest(spark_signature.ok_or(SignatureError::Missing)?, 20).ok_or(SignatureError::Malformed)?;
    let extra = webex_signature.and_then(Extra::parse).unwrap_or_default();
    let explains =
        |secret: &WebhookSecret| mac_matches::<Hmac<Sha1>>(secret, body, &sha1) && extra.matches(secret, body);
    let believed = secrets.iter().filter(|secret| !secret.is_empty()).any(explains);
    believed.then_some(()).ok_or(SignatureError::Wrong)
}

/// The digests that `X-Webex-Signature` adds.
#[derive(Default)]
struct Extra {
    sha256: Option<Vec<u8>>,
    sha512: Option<Vec<u8>>,
}

impl Extra {
    /// Reads `SHA-256=<hex>, SHA-512=<hex>`, either of them or both; `None` if any part is something else.
    fn parse(header: &str) -> Option<Self> {
        let mut extra = Self::default();
        for part in header.split(',') {
            let (algorithm, value) = part.trim().split_once('=')?;
            let (place, bytes) = match algorithm.trim().to_ascii_uppercase().as_str() {
                "SHA-256" => (&mut extra.sha256, 32),
                "SHA-512" => (&mut extra.sha512, 64),
                _ => return None,
            };
            if place.replace(digest(value.trim(), bytes)?).is_some() {
                return None;
            }
        }
        Some(extra)
    }

    fn matches(&self, secret: &WebhookSecret, body: &[u8]) -> bool {
        self.sha256.as_ref().is_none_or(|tag| mac_matches::<Hmac<Sha256>>(secret, body, tag))
            && self.sha512.as_ref().is_none_or(|tag| mac_matches::<Hmac<Sha512>>(secret, body, tag))
    }
}

/// `length` bytes written as lower-case hexadecimal digits.
fn digest(text: &str, length: usize) -> Option<Vec<u8>> {
    let lower_case = !text.bytes().any(|c| c.is_ascii_uppercase());
    hex::decode(text).ok().filter(|bytes| lower_case && bytes.len() == length)
}

/// Compares in constant time.
fn mac_matches<M: Mac + KeyInit>(secret: &WebhookSecret, body: &[u8], tag: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(secret.expose().as_bytes())
        .is_ok_and(|mac| mac.chain_update(body).verify_slice(tag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHORT_BODY: &[u8] = br#"{"a":1,"b":2,"c":{"d":3}}"#;
    const SHORT_SHA1: &str = "01e0cb6a53731b9615b483335d77d97023410c72";
    const LONG_BODY: &[u8] = br#"{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh","resource":"serviceApp","event":"authorized"}"#;
    const LONG_SHA1: &str = "663e0b860b83352a2ecdc347e52d98296bc18582";
    const LONG_SHA256: &str = "5f0a226c4c5d56d5d7ab71ebeea1468154e5dcbade28b7455f72be544586cfb3";

    fn short() -> Vec<WebhookSecret> {
        vec![WebhookSecret::new("myBongoSecret")]
    }

    fn long() -> Vec<WebhookSecret> {
        vec![WebhookSecret::new("somesupersecretphrase")]
    }

    #[test]
    fn the_published_vectors_pass() {
        assert_eq!(verify(&short(), Some(SHORT_SHA1), None, SHORT_BODY), Ok(()));
        assert_eq!(verify(&long(), Some(LONG_SHA1), None, LONG_BODY), Ok(()));
        let both = format!("SHA-256={LONG_SHA256}");
        assert_eq!(verify(&long(), Some(LONG_SHA1), Some(&both), LONG_BODY), Ok(()));
    }

    #[test]
    fn any_secret_in_use_will_do_and_an_empty_one_never() {
        let rotating = [WebhookSecret::new("next"), WebhookSecret::new("myBongoSecret")];
        assert_eq!(verify(&rotating, Some(SHORT_SHA1), None, SHORT_BODY), Ok(()));
        assert_eq!(verify(&[], Some(SHORT_SHA1), None, SHORT_BODY), Err(SignatureError::Wrong));
        let empty = [WebhookSecret::new("")];
        let by_empty = hex::encode(Hmac::<Sha1>::new_from_slice(b"").unwrap().finalize().into_bytes());
        assert_eq!(verify(&empty, Some(&by_empty), None, b""), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_well_formed_second_signature_must_match_too() {
        let wrong = format!("SHA-256={}", "0".repeat(64));
        assert_eq!(verify(&long(), Some(LONG_SHA1), Some(&wrong), LONG_BODY), Err(SignatureError::Wrong));
        let half_wrong = format!("SHA-256={LONG_SHA256}, SHA-512={}", "0".repeat(128));
        assert_eq!(verify(&long(), Some(LONG_SHA1), Some(&half_wrong), LONG_BODY), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_malformed_second_signature_counts_as_absent() {
        for malformed in ["", "SHA-256", "SHA-256=12", "MD5=00", "SHA-256=zz, SHA-512=", "nonsense"] {
            assert_eq!(verify(&long(), Some(LONG_SHA1), Some(malformed), LONG_BODY), Ok(()), "{malformed}");
        }
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_malformed() {
        assert_eq!(verify(&short(), None, None, SHORT_BODY), Err(SignatureError::Missing));
        let upper = SHORT_SHA1.to_uppercase();
        for malformed in ["", "sha1=00", &SHORT_SHA1[1..], &upper, "é"] {
            assert_eq!(verify(&short(), Some(malformed), None, SHORT_BODY), Err(SignatureError::Malformed));
        }
    }

    proptest! {
        #[test]
        fn one_flipped_bit_in_the_body_fails(byte in 0..LONG_BODY.len(), bit in 0..8_u8) {
            let mut body = LONG_BODY.to_vec();
            body[byte] ^= 1 << bit;
            prop_assert_eq!(verify(&long(), Some(LONG_SHA1), None, &body), Err(SignatureError::Wrong));
        }

        #[test]
        fn one_changed_digit_in_the_header_fails(at in 0..40_usize, digit in "[0-9a-f]") {
            let mut header = LONG_SHA1.to_owned();
            header.replace_range(at..=at, &digit);
            prop_assume!(header != LONG_SHA1);
            prop_assert_eq!(verify(&long(), Some(&header), None, LONG_BODY), Err(SignatureError::Wrong));
        }

        #[test]
        fn one_flipped_bit_in_the_secret_fails(byte in 0..21_usize, bit in 0..7_u8) {
            let mut secret = b"somesupersecretphrase".to_vec();
            secret[byte] ^= 1 << bit;
            let secrets = [WebhookSecret::new(String::from_utf8(secret).unwrap())];
            prop_assert_eq!(verify(&secrets, Some(LONG_SHA1), None, LONG_BODY), Err(SignatureError::Wrong));
        }
    }
}
