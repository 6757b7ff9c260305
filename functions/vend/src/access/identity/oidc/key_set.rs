//! An issuer's key set (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Most keys that are read. Issuers publish two or three.
const MAX_KEYS: usize = 100;

/// The keys that may verify a signature.
#[derive(Default)]
pub(super) struct KeySet(Vec<(Jwk, DecodingKey)>);

#[derive(Deserialize)]
struct KeySetDocument {
    keys: Vec<Value>,
}

impl KeySet {
    /// Parses a key set. Keys of an unknown type and incomplete keys are skipped: issuers publish keys for other purposes
    /// in the same document.
    pub(super) fn parse(document: &[u8]) -> Result<Self, serde_json::Error> {
        let document: KeySetDocument = serde_json::from_slice(document)?;
        Ok(Self(document.keys.into_iter().take(MAX_KEYS).filter_map(parse_key).collect()))
    }

    /// Whether no key can verify a signature.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key with this id for this algorithm. Without an id, the only key for the algorithm.
    pub(super) fn find(&self, id: Option<&str>, alg: Algorithm) -> Option<&DecodingKey> {
        let mut candidates = self.0.iter().filter(|(jwk, _)| may_verify(jwk, alg));
        if let Some(id) = id {
            let (_, key) = candidates.find(|(jwk, _)| jwk.common.key_id.as_deref() == Some(id))?;
            return Some(key);
        }
        let (_, key) = candidates.next()?;
        if candidates.next().is_some() { None } else { Some(key) }
    }
}

fn parse_key(key: Value) -> Option<(Jwk, DecodingKey)> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk, key))
}

/// Whether a key may verify signatures of `alg`, by its type and by its own `alg`, `use` and `key_ops`.
fn may_verify(jwk: &Jwk, alg: Algorithm) -> bool {
    let has_right_type = match (&jwk.algorithm, alg) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::PS256) => true,
        (AlgorithmParameters::EllipticCurve(point), Algorithm::ES256) => point.curve == EllipticCurve::P256,
        (AlgorithmParameters::OctetKeyPair(point), Algorithm::EdDSA) => point.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let has_other_algorithm = matches!(jwk.common.key_algorithm, Some(known) if known != alg.into());
    let has_other_use = matches!(&jwk.common.public_key_use, Some(usage) if *usage != PublicKeyUse::Signature);
    let has_other_operations =
        matches!(&jwk.common.key_operations, Some(known) if !known.contains(&KeyOperations::Verify));
    has_right_type && !has_other_algorithm && !has_other_use && !has_other_operations
}
