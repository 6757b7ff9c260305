//! The scopes that Webex documents: data, in `scopes.json`.

use serde::Deserialize;

/// What Webex documents, in the order in which the page has it.
const DATA: &str = include_str!("../scopes.json");

/// What sort of thing a scope is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    User,
    Admin,
    Compliance,
    Meetings,
    Identity,
    Calling,
    Application,
}

impl Category {
    /// In the order of the page: administrators come for the first ones.
    pub(crate) const ALL: [Self; 7] =
        [Self::Admin, Self::Calling, Self::Meetings, Self::User, Self::Identity, Self::Compliance, Self::Application];

    /// For ids and parameters.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Compliance => "compliance",
            Self::Meetings => "meetings",
            Self::Identity => "identity",
            Self::Calling => "calling",
            Self::Application => "application",
        }
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::User => "The person's own account",
            Self::Admin => "The organisation",
            Self::Compliance => "Compliance",
            Self::Meetings => "Meetings",
            Self::Identity => "Identity",
            Self::Calling => "Calling",
            Self::Application => "Service Apps and their webhooks",
        }
    }

    /// Who can grant these.
    pub(crate) fn who(self) -> &'static str {
        match self {
            Self::User => "Anybody can grant these for their own account.",
            Self::Admin => "A full administrator of the organisation can grant these.",
            Self::Compliance => "Only a full administrator who is also a compliance officer can grant these.",
            Self::Meetings | Self::Calling => {
                "Those that speak of the organisation or of everybody need a full administrator."
            }
            Self::Identity => "Most of these need a full administrator.",
            Self::Application => "The developer who owns the Service Apps grants these to the minter.",
        }
    }
}

/// One scope.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Scope {
    #[serde(rename = "scope")]
    pub(crate) name: String,
    pub(crate) category: Category,
    /// What it lets one do.
    pub(crate) what: String,
    /// Whether a Service App may have it.
    #[cfg_attr(not(test), expect(dead_code, reason = "the catalogue is whole; Integrations alone consent here"))]
    pub(crate) service_app: bool,
    /// Whether an Integration may have it.
    #[serde(default = "yes")]
    pub(crate) integration: bool,
}

fn yes() -> bool {
    true
}

/// All of them.
pub(crate) struct Catalogue(Vec<Scope>);

impl Catalogue {
    /// Reads the data, which the tests vouch for.
    pub(crate) fn read() -> Self {
        Self(serde_json::from_str(DATA).unwrap_or_default())
    }

    /// What `scope` lets one do, if it is known.
    pub(crate) fn what(&self, scope: &str) -> Option<&str> {
        let known = self.0.iter().find(|known| known.name == scope)?;
        Some(&known.what)
    }

    /// Whether the page has `scope` to tick.
    pub(crate) fn offers(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known.name == scope && known.integration)
    }

    /// The scopes of one category that an Integration may have.
    pub(crate) fn of(&self, category: Category) -> impl Iterator<Item = &Scope> {
        let fits = move |scope: &&Scope| scope.category == category && scope.integration;
        self.0.iter().filter(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn scopes() -> Vec<Scope> {
        serde_json::from_str(DATA).unwrap()
    }

    #[test]
    fn the_data_is_sound() {
        let scopes = scopes();
        assert!(scopes.len() > 150, "{}", scopes.len());
        let names: BTreeSet<_> = scopes.iter().map(|scope| &scope.name).collect();
        assert_eq!(names.len(), scopes.len(), "a scope twice");
        for Scope { name: scope, what, .. } in &scopes {
            assert!(crate::choice::is_scope(scope), "{scope}");
            assert!((10..=120).contains(&what.len()), "{scope}: {what}");
            assert!(!what.ends_with('.') && what.starts_with(char::is_uppercase), "{scope}: {what}");
        }
    }

    #[test]
    fn each_category_has_scopes_and_each_prefix_its_category() {
        let scopes = scopes();
        for category in Category::ALL {
            assert!(scopes.iter().any(|scope| scope.category == category), "{category:?}");
        }
        let expected = |scope: &str| match scope.split(':').next() {
            Some("spark-compliance") => Some(Category::Compliance),
            Some("meeting") => Some(Category::Meetings),
            Some("identity" | "Identity") => Some(Category::Identity),
            Some("application" | "guest-issuer") => Some(Category::Application),
            _ => None,
        };
        for scope in &scopes {
            assert!(expected(&scope.name).is_none_or(|category| category == scope.category), "{}", scope.name);
        }
    }

    #[test]
    fn a_service_app_has_no_analytics_no_xsi_and_nothing_of_the_minter() {
        for scope in scopes() {
            let name = &scope.name;
            let barred = ["analytics:", "xsi", "application:", "spark:applications_token"];
            if barred.iter().any(|part| name.contains(part)) {
                assert!(!scope.service_app, "{name}");
            }
            assert!(scope.service_app || scope.integration, "{name} is nobody's");
        }
    }

    #[test]
    fn what_the_minter_needs_is_there() {
        let catalogue = Catalogue::read();
        for scope in crate::choice::MINTER_SCOPES {
            assert!(catalogue.what(scope).is_some(), "{scope}");
        }
    }
}
