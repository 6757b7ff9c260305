//! Keys of issuers and of attackers, and tokens signed with them: by hand, so that a token can be anything.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as NewRsa, KeySize};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Bytes of PKCS#8 before the RFC 8017 key of 2048 bits that it wraps.
const PKCS8: usize = 26;

pub(super) enum Pair {
    Rsa(RsaKeyPair),
    /// With the name of the curve.
    Ec(&'static str, EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key with an id, for one algorithm.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) alg: &'static str,
    pub(super) pair: Arc<Pair>,
}

impl Key {
    /// A new key, but for RSA, where making one takes a second: those are always the same.
    pub(crate) fn new(id: &str, alg: &'static str) -> Self {
        let random = SystemRandom::new();
        let pair = match alg {
            "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => {
                return Self { id: id.to_owned(), alg, pair: rsa() };
            }
            "ES256" => curve("P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => curve("P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            "ES512" => curve("P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            "EdDSA" | "Ed25519" => {
                let made = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Pair::Ed(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
            }
            other => panic!("no keys for {other}"),
        };
        Self { id: id.to_owned(), alg, pair: Arc::new(pair) }
    }

    /// The public half, as issuers publish it.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match self.pair.as_ref() {
            Pair::Rsa(pair) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": base64(parts.n), "e": base64(parts.e)})
            }
            Pair::Ec(curve, pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
                json!({"kty": "EC", "crv": curve, "x": base64(x), "y": base64(y)})
            }
            Pair::Ed(pair) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key().as_ref())}),
        };
        jwk["kid"] = self.id.clone().into();
        jwk["alg"] = self.alg.into();
        jwk["use"] = "sig".into();
        jwk
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self.pair.as_ref() {
            Pair::Rsa(pair) => {
                let mut signed = vec![0; pair.public_modulus_len()];
                let how: &'static dyn signature::RsaEncoding = match self.alg {
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS384" => &signature::RSA_PSS_SHA384,
                    "PS512" => &signature::RSA_PSS_SHA512,
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                pair.sign(how, &random, message, &mut signed).unwrap();
                signed
            }
            Pair::Ec(_, pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with the usual header.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.alg, "kid": self.id, "typ": "JWT"}), claims)
    }

    /// A token with any header, signed as this key signs.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = base64(self.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

/// The first two parts of a token.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string()), base64(claims.to_string()))
}

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn curve(name: &'static str, kind: &'static EcdsaSigningAlgorithm) -> Pair {
    let made = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).unwrap();
    Pair::Ec(name, EcdsaKeyPair::from_pkcs8(kind, made.as_ref()).unwrap())
}

fn rsa() -> Arc<Pair> {
    static MADE: OnceLock<Arc<Pair>> = OnceLock::new();
    let make = || {
        let der = NewRsa::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
        Arc::new(Pair::Rsa(RsaKeyPair::from_der(&der.as_ref()[PKCS8..]).unwrap()))
    };
    Arc::clone(MADE.get_or_init(make))
}
