//! The accepted signature algorithms. All use public keys, and the type of a key determines its algorithms.

use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};

/// Length in base64url of the 256 bytes of a signature by the smallest RSA key (RFC 7518 section 3.3).
const MIN_RSA_SIGNATURE_CHARS: usize = 342;

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignatureAlgorithm {
    /// One that `jsonwebtoken` verifies.
    Library(Algorithm),
    /// ECDSA with P-521 and SHA-512, which `jsonwebtoken` does not know.
    Es512,
}

impl SignatureAlgorithm {
    /// The algorithm of the header parameter or the key parameter `alg`; `None` for `none`, for algorithms with a shared
    /// secret, and for unknown ones.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let algorithm = match name {
            "RS256" => Algorithm::RS256,
            "RS384" => Algorithm::RS384,
            "RS512" => Algorithm::RS512,
            "PS256" => Algorithm::PS256,
            "PS384" => Algorithm::PS384,
            "PS512" => Algorithm::PS512,
            "ES256" => Algorithm::ES256,
            "ES384" => Algorithm::ES384,
            "ES512" => return Some(Self::Es512),
            // RFC 9864 renames EdDSA with an Ed25519 key.
            "EdDSA" | "Ed25519" => Algorithm::EdDSA,
            _ => return None,
        };
        Some(Self::Library(algorithm))
    }

    /// Whether a key of this type has signatures of this algorithm.
    pub(super) fn fits(self, key: &AlgorithmParameters) -> bool {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        match (self, key) {
            (Self::Library(RS256 | RS384 | RS512 | PS256 | PS384 | PS512), AlgorithmParameters::RSA(_)) => true,
            (Self::Library(ES256), AlgorithmParameters::EllipticCurve(point)) => point.curve == EllipticCurve::P256,
            (Self::Library(ES384), AlgorithmParameters::EllipticCurve(point)) => point.curve == EllipticCurve::P384,
            (Self::Es512, AlgorithmParameters::EllipticCurve(point)) => point.curve == EllipticCurve::P521,
            (Self::Library(EdDSA), AlgorithmParameters::OctetKeyPair(point)) => point.curve == EllipticCurve::Ed25519,
            _ => false,
        }
    }

    /// Whether `text` can be a signature: base64url of the right length (RFC 7518 section 3.4, RFC 8037 section 3.1).
    pub(super) fn can_be_signature(self, text: &str) -> bool {
        let is_base64url = text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
        let has_length = match self {
            Self::Library(Algorithm::ES256 | Algorithm::EdDSA) => text.len() == 86,
            Self::Library(Algorithm::ES384) => text.len() == 128,
            Self::Es512 => text.len() == 176,
            Self::Library(_) => text.len() >= MIN_RSA_SIGNATURE_CHARS,
        };
        is_base64url && has_length
    }

    /// Whether `signature`, in base64url, is one of `message` by `key`.
    pub(super) fn verifies(self, key: &DecodingKey, message: &str, signature: &str) -> bool {
        match self {
            Self::Library(algorithm) => {
                matches!(crypto::verify(signature, message.as_bytes(), key, algorithm), Ok(true))
            }
            Self::Es512 => verifies_es512(key, message, signature),
        }
    }
}

fn verifies_es512(key: &DecodingKey, message: &str, signature: &str) -> bool {
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    let Ok(point) = key.try_get_as_bytes() else { return false };
    UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point).verify(message.as_bytes(), &signature).is_ok()
}
