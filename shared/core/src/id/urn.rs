//! Webex's public ids: base64 of `ciscospark://REGION/TYPE/ID`.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding is usual in some ids and absent from others; stray trailing bits are nobody's business.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true)
        .with_encode_padding(false),
);

/// The text inside `encoded`, base64 of either alphabet, padded or not.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let url_safe = encoded.replace('+', "-").replace('/', "_");
    String::from_utf8(LENIENT.decode(url_safe).ok()?).ok()
}

/// The id of a `ciscospark://REGION/KIND/ID`, whatever the region.
pub(super) fn id_of_kind<'a>(urn: &'a str, kind: &str) -> Option<&'a str> {
    let (_region, rest) = urn.strip_prefix("ciscospark://")?.split_once('/')?;
    let (found, id) = rest.split_once('/')?;
    (found == kind && !id.is_empty()).then_some(id)
}

/// The public id as Webex writes it today: region `us`, base64url without padding.
pub(super) fn encode(kind: &str, id: &str) -> String {
    LENIENT.encode(format!("ciscospark://us/{kind}/{id}"))
}
