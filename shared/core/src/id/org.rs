//! Organisations.

use std::fmt;

use super::urn;

/// A Webex organisation, kept as the lower-case UUID that all of Webex's ways to write it have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(String);

/// What was given is none of the forms in which Webex writes an organisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an organisation id: expected a UUID, or ciscospark://REGION/ORGANIZATION/UUID, plain or in base64")]
pub struct InvalidOrgId;

impl OrgId {
    /// Reads a UUID with or without dashes, or `ciscospark://REGION/ORGANIZATION/UUID`, or base64 of one of these; base64
    /// of either alphabet, padded or not.
    pub fn parse(text: &str) -> Result<Self, InvalidOrgId> {
        if let Some(uuid) = uuid_of(text) {
            return Ok(Self(uuid));
        }
        let decoded = urn::decode(text).ok_or(InvalidOrgId)?;
        uuid_of(&decoded).map(Self).ok_or(InvalidOrgId)
    }

    /// The lower-case UUID.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the first hexadecimal digit. The packs of grants are numbered by it, and renewals are scheduled by it, so that
    /// those of one pack come together.
    pub fn first_digit(&self) -> u32 {
        self.0.chars().next().and_then(|c| c.to_digit(16)).unwrap_or_default()
    }

    /// The public id, for `targetOrgId`.
    pub fn to_base64(&self) -> String {
        urn::encode("ORGANIZATION", &self.0)
    }
}

/// The UUID that `text` is, or the one in its URN, in lower case and with dashes.
fn uuid_of(text: &str) -> Option<String> {
    let id = urn::id_of_kind(text, "ORGANIZATION").unwrap_or(text);
    if id.len() == 32 && id.is_ascii() {
        let parts = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
        return lower_case_uuid(&parts.join("-"));
    }
    lower_case_uuid(id)
}

/// `text` in lower case if it is a UUID in the 8-4-4-4-12 form.
fn lower_case_uuid(text: &str) -> Option<String> {
    let fits = |(at, c): (usize, u8)| match at {
        8 | 13 | 18 | 23 => c == b'-',
        _ => c.is_ascii_hexdigit(),
    };
    (text.len() == 36 && text.bytes().enumerate().all(fits)).then(|| text.to_ascii_lowercase())
}

impl From<OrgId> for String {
    fn from(org: OrgId) -> Self {
        org.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrgId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    const UUID: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
    const PUBLISHED: &str = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";

    #[test]
    fn the_published_example_is_read_and_written() {
        let org = OrgId::parse(PUBLISHED).unwrap();
        assert_eq!(org.as_str(), UUID);
        assert_eq!(org.to_base64(), PUBLISHED);
    }

    #[test]
    fn every_form_leads_to_the_same_lower_case_uuid() {
        let forms = [
            UUID.to_owned(),
            UUID.to_uppercase(),
            format!("{PUBLISHED}=="),
            URL_SAFE_NO_PAD.encode(UUID),
            STANDARD.encode(UUID.to_uppercase()),
            STANDARD.encode(format!("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/{UUID}")),
            format!("ciscospark://us/ORGANIZATION/{UUID}"),
            format!("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/{UUID}"),
            UUID.replace('-', ""),
            UUID.replace('-', "").to_uppercase(),
        ];
        for form in forms {
            assert_eq!(OrgId::parse(&form).as_ref().map(OrgId::as_str), Ok(UUID), "{form}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let person = STANDARD.encode(format!("ciscospark://us/PEOPLE/{UUID}"));
        let no_uuid = STANDARD.encode("ciscospark://us/ORGANIZATION/42");
        for wrong in [
            "",
            "default",
            "ce861fba6e2f49f99a84b354008fac9",
            "ce861fba6e2f49f99a84b354008fac9g",
            &person,
            &no_uuid,
            "ciscospark://us/PEOPLE/ce861fba-6e2f-49f9-9a84-b354008fac9e",
            "é",
            "ééééééééééééééééé",
            &UUID[1..],
        ] {
            assert_eq!(OrgId::parse(wrong), Err(InvalidOrgId), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics_and_what_it_accepts_it_writes_and_reads_again(text in "\\PC{0,120}") {
            if let Ok(org) = OrgId::parse(&text) {
                proptest::prop_assert_eq!(OrgId::parse(&org.to_base64()), Ok(org));
            }
        }

        #[test]
        fn every_uuid_survives_the_round_trip(uuid in "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}") {
            let org = OrgId::parse(&uuid).unwrap();
            proptest::prop_assert_eq!(org.as_str(), uuid.to_lowercase());
            proptest::prop_assert_eq!(OrgId::parse(&org.to_base64()), Ok(org));
        }
    }
}
