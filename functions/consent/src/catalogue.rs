//! The scopes that Webex documents: data, in `scopes.json`.

use serde::Deserialize;

/// The scopes in the order of the page.
const DATA: &str = include_str!("../scopes.json");

/// The area of Webex that a scope belongs to.
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
    /// In the order of the page. Most people who open it are administrators.
    pub(crate) const ALL: [Self; 7] =
        [Self::Admin, Self::Calling, Self::Meetings, Self::User, Self::Identity, Self::Compliance, Self::Application];

    /// Used in element ids and parameters.
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

    /// The heading of the group.
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

    /// Says who can grant these scopes.
    pub(crate) fn who_can_grant(self) -> &'static str {
        match self {
            Self::User => "Every user can grant these for their own account.",
            Self::Admin => "A full administrator of the organisation can grant these.",
            Self::Compliance => "Only a full administrator who is also a compliance officer can grant these.",
            Self::Meetings | Self::Calling => "Scopes for the organisation or for all users need a full administrator.",
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
    /// The permission that it gives, in words.
    #[serde(rename = "what")]
    pub(crate) description: String,
    /// Whether a Service App may have it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the data covers Service Apps too; this page serves Integrations alone")
    )]
    pub(crate) service_app: bool,
    /// Whether an Integration may have it.
    #[serde(default = "yes")]
    pub(crate) integration: bool,
}

fn yes() -> bool {
    true
}

/// All documented scopes.
pub(crate) struct Catalogue(Vec<Scope>);

impl Catalogue {
    /// Loads the data. A test shows that it is valid JSON.
    pub(crate) fn load() -> Self {
        Self(serde_json::from_str(DATA).unwrap_or_default())
    }

    /// Returns what `scope` allows, if it is documented.
    pub(crate) fn describe(&self, scope: &str) -> Option<&str> {
        let known = self.0.iter().find(|known| known.name == scope)?;
        Some(&known.description)
    }

    /// Whether the page offers `scope` as a check box.
    pub(crate) fn offers(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known.name == scope && known.integration)
    }

    /// Returns the scopes of one category that an Integration may have.
    pub(crate) fn category(&self, category: Category) -> impl Iterator<Item = &Scope> {
        self.0.iter().filter(move |scope| scope.category == category && scope.integration)
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
    fn data_has_unique_scopes_with_short_descriptions() {
        let scopes = scopes();
        assert!(scopes.len() > 150, "{}", scopes.len());
        let names: BTreeSet<_> = scopes.iter().map(|scope| &scope.name).collect();
        assert_eq!(names.len(), scopes.len(), "a scope twice");
        for Scope { name: scope, description, .. } in &scopes {
            assert!(crate::grant_request::is_scope(scope), "{scope}");
            assert!((10..=120).contains(&description.len()), "{scope}: {description}");
            assert!(
                !description.ends_with('.') && description.starts_with(char::is_uppercase),
                "{scope}: {description}"
            );
        }
    }

    #[test]
    fn prefix_of_a_scope_decides_its_category() {
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
            if let Some(category) = expected(&scope.name) {
                assert_eq!(category, scope.category, "{}", scope.name);
            }
        }
    }

    #[test]
    fn service_app_has_no_analytics_xsi_or_minter_scopes() {
        for scope in scopes() {
            let name = &scope.name;
            let barred = ["analytics:", "xsi", "application:", "spark:applications_token"];
            if barred.iter().any(|part| name.contains(part)) {
                assert!(!scope.service_app, "{name}");
            }
            assert!(scope.service_app || scope.integration, "no app may have {name}");
        }
    }

    #[test]
    fn catalogue_has_the_scopes_of_the_minter() {
        let catalogue = Catalogue::load();
        for scope in crate::grant_request::MINTER_SCOPES {
            assert!(catalogue.describe(scope).is_some(), "{scope}");
        }
    }
}
