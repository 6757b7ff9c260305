//! Webex ids: base64url of `ciscospark://us/<TYPE>/<id>`, and the other forms that occur (section 7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// The Webex id of an object. `object_type` is `PEOPLE`, `WEBHOOK` and so on.
pub fn encode(object_type: &str, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("ciscospark://us/{object_type}/{id}"))
}

/// The id of an org as Webex sends it.
pub fn org_id(org: &str) -> String {
    encode("ORGANIZATION", org)
}

/// The id of an org with base64 padding, which some ids keep.
pub fn padded_org_id(org: &str) -> String {
    let mut id = org_id(org);
    id.extend(std::iter::repeat_n('=', (4 - id.len() % 4) % 4));
    id
}

/// Base64 of the bare UUID.
pub fn bare_org_id(org: &str) -> String {
    URL_SAFE_NO_PAD.encode(org)
}

/// The application id that belongs to a client id.
pub fn application_id(client_id: &str) -> String {
    encode("APPLICATION", client_id)
}

/// The lower-case UUID of an org whose id may have any form; `None` if it is not the id of an org.
pub(crate) fn parse_org(id: &str) -> Option<String> {
    let id = decode(id).unwrap_or_else(|| id.to_owned());
    let bare = match id.strip_prefix("ciscospark://") {
        Some(urn) => match urn.split('/').collect::<Vec<_>>()[..] {
            [_region, "ORGANIZATION", org] => org.to_owned(),
            _ => return None,
        },
        None => id,
    };
    Uuid::parse_str(&bare).ok().map(|org| org.to_string())
}

/// [`parse_org`], or the text itself if it is not the id of an org.
pub(crate) fn bare_org(id: &str) -> String {
    parse_org(id).unwrap_or_else(|| id.to_owned())
}

/// Whether two ids name the same object, whatever their padding and region.
pub(crate) fn same(one: &str, other: &str) -> bool {
    last_segment(one) == last_segment(other)
}

fn last_segment(id: &str) -> String {
    let urn = decode(id).unwrap_or_else(|| id.to_owned());
    urn.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The text that is encoded in base64url; `None` for a bare UUID and for text that is not base64.
fn decode(id: &str) -> Option<String> {
    if Uuid::parse_str(id).is_ok() {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(id.trim_end_matches('=')).ok()?;
    String::from_utf8(bytes).ok()
}
