//! The parts of a token (RFC 7515 section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use super::algorithm::SignatureAlgorithm;
use super::{InvalidToken, MAX_TOKEN_BYTES};

/// A token whose signature has not been verified.
pub(super) struct CompactToken<'a> {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) key_id: Option<String>,
    pub(super) claims: Map<String, Value>,
    message: &'a str,
    signature: &'a str,
}

/// The header parameters that are read. Key references, such as `jku` and `jwk`, are ignored.
#[derive(Deserialize)]
struct TokenHeader {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl<'a> CompactToken<'a> {
    /// Splits a token and decodes its header and claims.
    pub(super) fn parse(token: &'a str) -> Result<Self, InvalidToken> {
        if starts_with_scheme(token) {
            return Err(InvalidToken::SchemeTwice);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(InvalidToken::Malformed)?;
        let header: TokenHeader = decode(header)?;
        let claims = decode(claims)?;
        let algorithm = SignatureAlgorithm::parse(&header.alg).ok_or(InvalidToken::Algorithm)?;
        // RFC 7515 section 4.1.11: extensions that the token calls critical must be understood. None is.
        if header.crit.is_some() {
            return Err(InvalidToken::Malformed);
        }
        if !algorithm.can_be_signature(signature) {
            return Err(InvalidToken::Signature);
        }
        Ok(Self { algorithm, key_id: header.kid, claims, message, signature })
    }

    /// Whether `key` has signed the token.
    pub(super) fn is_signed_by(&self, key: &jsonwebtoken::DecodingKey) -> bool {
        self.algorithm.verifies(key, self.message, self.signature)
    }
}

/// Whether the scheme of the header, or a header as a whole, was taken for the token.
fn starts_with_scheme(token: &str) -> bool {
    match token.split_once(char::is_whitespace) {
        Some((first, _)) => first.eq_ignore_ascii_case("bearer"),
        None => token.eq_ignore_ascii_case("bearer"),
    }
}

/// Decodes base64url of a JSON object.
fn decode<T: DeserializeOwned>(part: &str) -> Result<T, InvalidToken> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| InvalidToken::Malformed)?;
    // serde would read a struct from an array too, field by field.
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(InvalidToken::Malformed);
    }
    serde_json::from_slice(&json).map_err(|_| InvalidToken::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(header: &str, claims: &str, signature: &str) -> Option<InvalidToken> {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        CompactToken::parse(&format!("{}.{}.{signature}", encode(header), encode(claims))).err()
    }

    #[test]
    fn parse_accepts_public_key_algorithms_alone() {
        for (alg, chars) in [
            ("RS256", 342),
            ("RS384", 342),
            ("RS512", 683),
            ("PS256", 342),
            ("PS384", 342),
            ("PS512", 342),
            ("ES256", 86),
            ("ES384", 128),
            ("ES512", 176),
            ("EdDSA", 86),
            ("Ed25519", 86),
        ] {
            let header = format!(r#"{{"alg":"{alg}"}}"#);
            assert_eq!(error(&header, "{}", &"A".repeat(chars)), None, "{alg}");
            assert_eq!(error(&header, "{}", &"A".repeat(chars - 1)).is_some(), chars != 683, "{alg}, too short");
        }
        for alg in ["none", "None", "", "HS256", "HS384", "HS512", "ES256K", "Ed448", "es256", "ES257"] {
            let header = format!(r#"{{"alg":"{alg}"}}"#);
            assert_eq!(error(&header, "{}", &"A".repeat(342)), Some(InvalidToken::Algorithm), "{alg}");
        }
    }

    #[test]
    fn parse_refuses_other_forms() {
        let signature = "A".repeat(86);
        for (header, claims) in [
            (r#"{"alg":"ES256","alg":"none"}"#, "{}"),
            (r#"{"alg":["ES256"]}"#, "{}"),
            (r#"{"alg":"ES256","kid":1}"#, "{}"),
            (r#"{"alg":"ES256","crit":["exp"]}"#, "{}"),
            (r#"["ES256"]"#, "{}"),
            (r#"{"alg":"ES256"}"#, "[]"),
            (r#"{"alg":"ES256"}"#, "x"),
            ("{}", "{}"),
        ] {
            assert_eq!(error(header, claims, &signature), Some(InvalidToken::Malformed), "{header} {claims}");
        }
    }

    #[test]
    fn parse_names_the_doubled_scheme() {
        for token in ["Bearer a.b.c", "bearer  a.b.c", "Bearer", "BEARER\ta"] {
            assert_eq!(CompactToken::parse(token).err(), Some(InvalidToken::SchemeTwice), "{token}");
        }
        assert_eq!(CompactToken::parse("Bearerish.b.c").err(), Some(InvalidToken::Malformed));
    }
}
