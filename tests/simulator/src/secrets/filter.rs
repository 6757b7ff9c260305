//! `Filters` of `ListSecrets` and `BatchGetSecretValue`: all keys must match, by any of their values.

use serde_json::Value;

use super::refusal::{Outcome, Refusal};
use super::secret::Secret;

/// Filters that one request may have.
const MAX_FILTERS: usize = 10;

/// The parameter `Filters`.
pub(crate) struct Filters(Vec<Filter>);

struct Filter {
    property: Property,
    values: Vec<String>,
}

enum Property {
    Name,
    Description,
    TagKey,
    TagValue,
    All,
}

impl Filters {
    pub(crate) fn of(body: &Value) -> Outcome<Self> {
        let given = body.get("Filters").and_then(Value::as_array);
        let given = given.map(Vec::as_slice).unwrap_or_default();
        if given.len() > MAX_FILTERS {
            return Err(Refusal::validation("Filters must have 10 members at most."));
        }
        let filters: Outcome<Vec<Filter>> = given.iter().map(Filter::of).collect();
        filters.map(Self)
    }

    pub(crate) fn admit(&self, secret: &Secret) -> bool {
        self.0.iter().all(|filter| filter.admits(secret))
    }
}

impl Filter {
    fn of(filter: &Value) -> Outcome<Self> {
        let property = match filter["Key"].as_str() {
            Some("name") => Property::Name,
            Some("description") => Property::Description,
            Some("tag-key") => Property::TagKey,
            Some("tag-value") => Property::TagValue,
            Some("all") => Property::All,
            _ => return Err(Refusal::validation("Filters has an unknown key.")),
        };
        let values = filter["Values"].as_array();
        let values = values.map(Vec::as_slice).unwrap_or_default();
        let values = values.iter().filter_map(Value::as_str);
        Ok(Self { property, values: values.map(str::to_owned).collect() })
    }

    /// A value that starts with `!` excludes.
    fn admits(&self, secret: &Secret) -> bool {
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(unwanted) => !self.property.begins(secret, unwanted),
            None => self.property.begins(secret, value),
        })
    }
}

impl Property {
    /// All filters match prefixes.
    fn begins(&self, secret: &Secret, prefix: &str) -> bool {
        match self {
            Self::Name => secret.name.starts_with(prefix),
            Self::Description => {
                let description = secret.description.as_deref().unwrap_or_default();
                description.to_lowercase().starts_with(&prefix.to_lowercase())
            }
            Self::TagKey => secret.tags.keys().any(|key| key.starts_with(prefix)),
            Self::TagValue => secret.tags.values().any(|value| value.starts_with(prefix)),
            Self::All => [Self::Name, Self::Description, Self::TagKey, Self::TagValue]
                .iter()
                .any(|property| property.begins(secret, prefix)),
        }
    }
}
