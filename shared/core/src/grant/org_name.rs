//! The display name of a grant's organisation, for people.

/// Longest name that is kept, in characters.
const LONGEST: usize = 120;

/// What the record knows about the name. Webex tells it only to a token with a scope that most apps do not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OrgDisplayName {
    /// Webex has not been asked, or has not answered.
    #[default]
    Unknown,
    /// Webex does not tell it to this app. A renewal does not ask again; a mint does, since an authorisation may have
    /// brought another scope.
    Withheld,
    /// The name.
    Known(String),
}

impl OrgDisplayName {
    /// The name, if it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(name) => Some(name),
            Self::Unknown | Self::Withheld => None,
        }
    }

    /// What is known after Webex's `answer`. A failure teaches nothing, and a name that was known once is kept.
    #[must_use]
    pub(crate) fn after<E>(&self, answer: Result<Option<String>, E>) -> Self {
        match answer {
            Ok(Some(name)) => Self::of(&name).unwrap_or_else(|| self.clone()),
            Ok(None) if *self == Self::Unknown => Self::Withheld,
            Ok(None) | Err(_) => self.clone(),
        }
    }

    /// The name in one line; `None` if nothing is left of it.
    fn of(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let plain = plain.trim();
        if plain.is_empty() { None } else { Some(Self::Known(plain.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A failure of any kind.
    struct Failure;

    fn after(known: &OrgDisplayName, answer: Result<Option<String>, Failure>) -> OrgDisplayName {
        known.after(answer)
    }

    #[test]
    fn refusal_is_remembered_and_a_failure_is_not() {
        let unknown = OrgDisplayName::Unknown;
        assert_eq!(after(&unknown, Ok(None)), OrgDisplayName::Withheld);
        assert_eq!(after(&unknown, Err(Failure)), OrgDisplayName::Unknown);
        assert_eq!(after(&OrgDisplayName::Withheld, Err(Failure)), OrgDisplayName::Withheld);
    }

    #[test]
    fn name_once_known_is_kept_until_another_comes() {
        let known = after(&OrgDisplayName::Unknown, Ok(Some(" Acme\n Corp ".to_owned())));
        assert_eq!(known.known(), Some("Acme Corp"));
        for answer in [Ok(None), Err(Failure), Ok(Some("\u{7f} ".to_owned()))] {
            assert_eq!(after(&known, answer), known);
        }
        assert_eq!(after(&known, Ok(Some("Acme Inc.".to_owned()))).known(), Some("Acme Inc."));
    }
}
