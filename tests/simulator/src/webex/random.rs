//! Values from a seeded generator, so that a run can be repeated.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;
use uuid::Builder;

use super::TokenShape;

/// A version 4 UUID.
pub(crate) fn uuid(rng: &mut Rng) -> String {
    let bytes = rng.u128(..).to_be_bytes();
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// `length` lower-case hex digits.
pub(crate) fn hex(rng: &mut Rng, length: usize) -> String {
    (0..length).filter_map(|_| char::from_digit(rng.u32(..16), 16)).collect()
}

/// A token of an account in `org`.
pub(crate) fn token(rng: &mut Rng, shape: TokenShape, org: &str) -> String {
    match shape {
        TokenShape::Suffixed => format!("{}_PF84_{org}", text(rng, 64)),
        TokenShape::Long => {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
            format!("{header}.{}.{}", text(rng, 1800), text(rng, 342))
        }
    }
}

fn text(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.alphanumeric()).collect()
}
