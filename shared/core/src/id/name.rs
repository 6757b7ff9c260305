//! The names that operators and users choose.

use std::fmt;

use super::InvalidOrgId;

/// What was given is no name of an app or a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// It is outside the alphabet that contract and secret names share.
    #[error("{what} must be 1 to {longest} characters of a-z, 0-9 and '-', not starting with '-'")]
    Characters {
        /// What should have been named.
        what: &'static str,
        /// The greatest length.
        longest: usize,
    },
    /// It is a public id of Webex, of something else than an organisation.
    #[error(
        "this is the Webex id of type {found}: give the id of the organisation (type ORGANIZATION), or the grant's name"
    )]
    OtherWebexId {
        /// The type in the id, such as `PEOPLE`.
        found: String,
    },
    /// It is the public id of an organisation, and malformed.
    #[error(transparent)]
    Org(InvalidOrgId),
}

fn checked(text: &str, what: &'static str, longest: usize) -> Result<String, InvalidName> {
    let has_length = (1..=longest).contains(&text.len());
    if has_length && text.bytes().all(is_name_character) && !text.starts_with('-') {
        Ok(text.to_owned())
    } else {
        Err(InvalidName::Characters { what, longest })
    }
}

fn is_name_character(c: u8) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-'
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

/// The name that a user chooses for a grant at consent: `[a-z0-9][a-z0-9-]{0,63}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantName(String);

impl GrantName {
    /// Checks the alphabet and the length.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        checked(text, "a grant's name (where it is not an organisation id)", 64).map(Self)
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
text!(GrantName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_checks_alphabet_and_length() {
        for good in ["a", "0", "reports", "call-onboarding-2", &"a".repeat(32)] {
            assert!(AppName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Reports", "a/b", "a_b", "a.b", "ä", &"a".repeat(33)] {
            assert!(AppName::parse(bad).is_err(), "{bad}");
        }
        assert!(GrantName::parse(&"a".repeat(64)).is_ok());
        assert!(GrantName::parse(&"a".repeat(65)).is_err());
    }
}
