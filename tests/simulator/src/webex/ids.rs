//! Webex ids: base64url of `ciscospark://us/<TYPE>/<id>`, and what else passes for one (section 7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// The id of `id` as an object of `kind`, such as `PEOPLE` or `WEBHOOK`.
pub fn encode(kind: &str, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("ciscospark://us/{kind}/{id}"))
}

/// An org's id as Webex sends it.
pub fn org_id(org: &str) -> String {
    encode("ORGANIZATION", org)
}

/// An org's id with the padding that some ids keep.
pub fn padded_org_id(org: &str) -> String {
    let mut id = org_id(org);
    id.extend(std::iter::repeat_n('=', (4 - id.len() % 4) % 4));
    id
}

/// Base64 of nothing but the UUID.
pub fn bare_org_id(org: &str) -> String {
    URL_SAFE_NO_PAD.encode(org)
}

/// A Service App's application id, from its client id.
pub fn application_id(client_id: &str) -> String {
    encode("APPLICATION", client_id)
}

/// The lower-case UUID in any form of an org's id.
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

/// The same, and what is no org's id as it is.
pub(crate) fn bare_org(id: &str) -> String {
    parse_org(id).unwrap_or_else(|| id.to_owned())
}

/// Whether two ids name the same thing, padding and region aside.
pub(crate) fn same(one: &str, other: &str) -> bool {
    tail(one) == tail(other)
}

fn tail(id: &str) -> String {
    let urn = decode(id).unwrap_or_else(|| id.to_owned());
    urn.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The text behind base64url; `None` for what is a bare UUID or no base64 at all.
fn decode(id: &str) -> Option<String> {
    if Uuid::parse_str(id).is_ok() {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(id.trim_end_matches('=')).ok()?;
    String::from_utf8(bytes).ok()
}
