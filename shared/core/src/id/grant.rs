//! The name of a grant.

use std::fmt;

use super::{AppName, GrantName, InvalidName, OrgId, urn};

/// The subject of a grant: an organisation for a Service App, a name chosen at consent for an Integration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The organisation that authorised a Service App.
    Org(OrgId),
    /// The name of an Integration's grant.
    Name(GrantName),
}

impl Subject {
    /// Reads an organisation id in any form that Webex uses, or else a grant name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let invalid = match OrgId::parse(text) {
            Ok(org) => return Ok(Self::Org(org)),
            Err(invalid) => invalid,
        };
        match urn::kind_of(text) {
            Some(kind) if kind == "ORGANIZATION" => Err(InvalidName::Org(invalid)),
            Some(found) => Err(InvalidName::OtherWebexId { found }),
            None => GrantName::parse(text).map(Self::Name),
        }
    }

    /// The organisation, if the subject is one.
    pub fn org(&self) -> Option<&OrgId> {
        match self {
            Self::Org(org) => Some(org),
            Self::Name(_) => None,
        }
    }

    /// The lower-case UUID of the organisation, or the name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Org(org) => org.as_str(),
            Self::Name(name) => name.as_str(),
        }
    }
}

impl From<OrgId> for Subject {
    fn from(org: OrgId) -> Self {
        Self::Org(org)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl serde::Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// The name of one grant, `{app}/{subject}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct GrantId {
    /// The app that the grant was given to.
    pub app: AppName,
    /// The organisation or the name within the app.
    pub subject: Subject,
}

impl GrantId {
    /// The grant of `subject` for `app`.
    pub fn new(app: AppName, subject: Subject) -> Self {
        Self { app, subject }
    }

    /// Reads `app/subject`.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let (app, subject) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self::new(AppName::parse(app)?, Subject::parse(subject)?))
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::super::InvalidOrgId;
    use super::*;

    #[test]
    fn subject_of_an_org_in_any_form_is_its_uuid() {
        let upper = "CE861FBA-6E2F-49F9-9A84-B354008FAC9E";
        assert_eq!(Subject::parse(upper).unwrap().as_str(), upper.to_lowercase());
        assert_eq!(Subject::parse("default").unwrap().org(), None);
    }

    #[test]
    fn subject_that_is_another_webex_id_says_so() {
        let urn = "ciscospark://us/PEOPLE/ce861fba-6e2f-49f9-9a84-b354008fac9e";
        let encoded = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
        for text in [urn, encoded] {
            assert_eq!(Subject::parse(text), Err(InvalidName::OtherWebexId { found: "PEOPLE".to_owned() }), "{text}");
        }
        assert_eq!(Subject::parse("ciscospark://us/ORGANIZATION/42"), Err(InvalidName::Org(InvalidOrgId)));
        for text in ["ciscospark://us/<b>/x", "ciscospark://", "ciscospark://us/", "Y2lzY29zcGFyazovLw"] {
            let error = Subject::parse(text).unwrap_err();
            assert!(matches!(error, InvalidName::Characters { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn parse_reads_app_and_subject() {
        assert_eq!(GrantId::parse("minter/default").unwrap().to_string(), "minter/default");
        assert!(GrantId::parse("minter").is_err());
        assert!(GrantId::parse("minter/").is_err());
        assert!(GrantId::parse("a/b/c").is_err());
    }
}
