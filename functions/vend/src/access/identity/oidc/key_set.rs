//! An issuer's key set (RFC 7517).

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyOperations, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

use super::algorithm::SignatureAlgorithm;

/// Most keys that are read. Issuers publish two or three.
const MAX_KEYS: usize = 100;

/// The keys that may verify a signature.
#[derive(Default)]
pub(super) struct KeySet(Vec<PublishedKey>);

struct PublishedKey {
    jwk: Jwk,
    /// The parameter `alg` as published: the library does not know all names.
    alg: Option<String>,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct KeySetDocument {
    keys: Vec<Value>,
}

impl KeySet {
    /// Parses a key set. Keys of an unknown type and incomplete keys are skipped: issuers publish keys for other purposes
    /// in the same document.
    pub(super) fn parse(document: &[u8]) -> Result<Self, serde_json::Error> {
        let document: KeySetDocument = serde_json::from_slice(document)?;
        Ok(Self(document.keys.into_iter().take(MAX_KEYS).filter_map(PublishedKey::parse).collect()))
    }

    /// Whether no key can verify a signature.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key with this id for this algorithm. Without an id, the only key for the algorithm.
    pub(super) fn find(&self, id: Option<&str>, algorithm: SignatureAlgorithm) -> Option<&DecodingKey> {
        let mut candidates = self.0.iter().filter(|published| published.may_verify(algorithm));
        if let Some(id) = id {
            let published = candidates.find(|published| published.jwk.common.key_id.as_deref() == Some(id))?;
            return Some(&published.key);
        }
        let published = candidates.next()?;
        if candidates.next().is_some() { None } else { Some(&published.key) }
    }
}

impl PublishedKey {
    fn parse(key: Value) -> Option<Self> {
        let alg = match key.get("alg") {
            Some(alg) => Some(alg.as_str()?.to_owned()),
            None => None,
        };
        let jwk: Jwk = serde_json::from_value(key).ok()?;
        // A shared secret is no public key.
        if matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_)) {
            return None;
        }
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { jwk, alg, key })
    }

    /// Whether the key may verify signatures of `algorithm`, by its type and by its own `alg`, `use` and `key_ops`.
    fn may_verify(&self, algorithm: SignatureAlgorithm) -> bool {
        let common = &self.jwk.common;
        let has_algorithm = match &self.alg {
            Some(alg) => SignatureAlgorithm::parse(alg) == Some(algorithm),
            None => true,
        };
        let has_use = match &common.public_key_use {
            Some(usage) => *usage == PublicKeyUse::Signature,
            None => true,
        };
        let has_operation = match &common.key_operations {
            Some(operations) => operations.contains(&KeyOperations::Verify),
            None => true,
        };
        algorithm.fits(&self.jwk.algorithm) && has_algorithm && has_use && has_operation
    }
}
