//! An issuer's keys (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Most keys of one issuer; they have two or three.
const MOST: usize = 100;

/// The keys that may verify a signature.
#[derive(Default)]
pub(super) struct Keys(Vec<(Jwk, DecodingKey)>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a key set. Keys of kinds that are not known here, or are incomplete, are not an error: issuers publish
    /// other keys beside those that sign.
    pub(super) fn read(document: &[u8]) -> Result<Self, serde_json::Error> {
        let set: Set = serde_json::from_slice(document)?;
        let keys = set.keys.into_iter().take(MOST).filter_map(|key| {
            let jwk: Jwk = serde_json::from_value(key).ok()?;
            let key = DecodingKey::from_jwk(&jwk).ok()?;
            Some((jwk, key))
        });
        Ok(Self(keys.collect()))
    }

    /// Whether they would let nobody in.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of that id for that algorithm. Without an id, the only key that the algorithm has.
    pub(super) fn find(&self, id: Option<&str>, alg: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self.0.iter().filter(|(jwk, _)| fits(jwk, alg));
        match id {
            Some(id) => fitting.find(|(jwk, _)| jwk.common.key_id.as_deref() == Some(id)).map(|(_, key)| key),
            None => fitting.next().filter(|_| fitting.next().is_none()).map(|(_, key)| key),
        }
    }
}

/// Whether a key may verify signatures of `alg`: by its type, and by what it says itself.
fn fits(jwk: &Jwk, alg: Algorithm) -> bool {
    let kind = match (&jwk.algorithm, alg) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::PS256) => true,
        (AlgorithmParameters::EllipticCurve(point), Algorithm::ES256) => point.curve == EllipticCurve::P256,
        (AlgorithmParameters::OctetKeyPair(point), Algorithm::EdDSA) => point.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let said = &jwk.common;
    kind && said.key_algorithm.is_none_or(|known| known == alg.into())
        && said.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature)
        && said.key_operations.as_ref().is_none_or(|known| known.contains(&KeyOperations::Verify))
}
