//! Webex's public ids: base64 of `ciscospark://REGION/TYPE/ID`.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

const UNPADDED: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

/// The text inside `encoded`, base64 of either alphabet, padded or not: some of Webex's ids keep a padding, not always
/// of the right length.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let url_safe = encoded.trim_end_matches('=').replace('+', "-").replace('/', "_");
    String::from_utf8(UNPADDED.decode(url_safe).ok()?).ok()
}

/// The id of a `ciscospark://REGION/KIND/ID`, whatever the region.
pub(super) fn id_of_kind<'a>(urn: &'a str, kind: &str) -> Option<&'a str> {
    let (_region, rest) = urn.strip_prefix("ciscospark://")?.split_once('/')?;
    let (found, id) = rest.split_once('/')?;
    (found == kind && !id.is_empty()).then_some(id)
}

/// The public id as Webex writes it today: region `us`, base64url without padding.
pub(super) fn encode(kind: &str, id: &str) -> String {
    UNPADDED.encode(format!("ciscospark://us/{kind}/{id}"))
}
