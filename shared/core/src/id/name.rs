//! The names that operators choose, and the two that make a grant's.

use std::fmt;

use super::OrgId;

/// A name outside the alphabet that contract and secret names share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be 1 to {longest} characters of a-z, 0-9 and '-', not starting with '-'")]
pub struct InvalidName {
    what: &'static str,
    longest: usize,
}

fn checked(text: &str, what: &'static str, longest: usize) -> Result<String, InvalidName> {
    let letters = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let fits = (1..=longest).contains(&text.len()) && text.bytes().all(letters) && !text.starts_with('-');
    fits.then(|| text.to_owned()).ok_or(InvalidName { what, longest })
}

/// What the operator calls an app: `[a-z0-9][a-z0-9-]{0,31}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppName(String);

impl AppName {
    /// Checks the alphabet and the length.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        checked(text, "an app's name", 32).map(Self)
    }
}

/// Whose grant it is: an organisation's lower-case UUID for a Service App, a name chosen at consent for an Integration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(String);

impl Subject {
    /// Reads an org id in any form Webex uses, or else a grant name `[a-z0-9][a-z0-9-]{0,63}`.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        match OrgId::parse(text) {
            Ok(org) => Ok(org.into()),
            Err(_) => checked(text, "a grant's name (where it is not an organisation id)", 64).map(Self),
        }
    }

    /// The organisation, if the subject is one.
    pub fn org(&self) -> Option<OrgId> {
        OrgId::parse(&self.0).ok()
    }
}

impl From<OrgId> for Subject {
    fn from(org: OrgId) -> Self {
        Self(org.into())
    }
}

macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

text!(AppName);
text!(Subject);

/// The name of one grant, `{app}/{subject}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct GrantId {
    /// Which app it was given to.
    pub app: AppName,
    /// Whose it is.
    pub subject: Subject,
}

impl GrantId {
    /// Puts the two names together.
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
    use super::*;

    #[test]
    fn names_keep_to_their_alphabet_and_length() {
        for good in ["a", "0", "reports", "call-onboarding-2", &"a".repeat(32)] {
            assert!(AppName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Reports", "a/b", "a_b", "a.b", "ä", &"a".repeat(33)] {
            assert!(AppName::parse(bad).is_err(), "{bad}");
        }
        assert!(Subject::parse(&"a".repeat(64)).is_ok());
        assert!(Subject::parse(&"a".repeat(65)).is_err());
    }

    #[test]
    fn an_org_in_any_form_is_the_subject_of_its_uuid() {
        let upper = "CE861FBA-6E2F-49F9-9A84-B354008FAC9E";
        assert_eq!(Subject::parse(upper).unwrap().as_str(), upper.to_lowercase());
        assert_eq!(Subject::parse("default").unwrap().org(), None);
    }

    #[test]
    fn a_grant_is_named_by_app_and_subject() {
        assert_eq!(GrantId::parse("minter/default").unwrap().to_string(), "minter/default");
        assert!(GrantId::parse("minter").is_err());
        assert!(GrantId::parse("minter/").is_err());
        assert!(GrantId::parse("a/b/c").is_err());
    }
}
