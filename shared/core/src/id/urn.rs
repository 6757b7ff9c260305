//! Webex's public ids: base64 of `ciscospark://REGION/TYPE/ID`.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

const UNPADDED: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

const SCHEME: &str = "ciscospark://";

/// The text inside `encoded`, base64 of either alphabet, padded or not: some of Webex's ids keep a padding, not always
/// of the right length.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let url_safe = encoded.trim_end_matches('=').replace('+', "-").replace('/', "_");
    String::from_utf8(UNPADDED.decode(url_safe).ok()?).ok()
}

/// The id of a `ciscospark://REGION/KIND/ID`, whatever the region.
pub(super) fn id_of_kind<'a>(urn: &'a str, kind: &str) -> Option<&'a str> {
    let (_region, rest) = urn.strip_prefix(SCHEME)?.split_once('/')?;
    let (found, id) = rest.split_once('/')?;
    (found == kind && !id.is_empty()).then_some(id)
}

/// The type in the public id `text`, with or without base64, such as `PEOPLE`.
pub(super) fn kind_of(text: &str) -> Option<String> {
    let decoded = if text.starts_with(SCHEME) { text.to_owned() } else { decode(text)? };
    let (_region, rest) = decoded.strip_prefix(SCHEME)?.split_once('/')?;
    let (kind, _id) = rest.split_once('/')?;
    let is_kind = !kind.is_empty() && kind.len() <= 32 && kind.bytes().all(|c| c.is_ascii_uppercase() || c == b'_');
    if is_kind { Some(kind.to_owned()) } else { None }
}

/// The public id as Webex writes it today: region `us`, base64url without padding.
pub(super) fn encode(kind: &str, id: &str) -> String {
    UNPADDED.encode(format!("ciscospark://us/{kind}/{id}"))
}
