//! `Filters` of `ListSecrets` and `BatchGetSecretValue`: every filter must match, by any of its values.

use serde_json::Value;

use super::error::{AwsError, AwsResult};
use super::secret::Secret;

/// The number of filters that a request may have.
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
    pub(crate) fn of(body: &Value) -> AwsResult<Self> {
        let given = body.get("Filters").and_then(Value::as_array);
        let given = given.map(Vec::as_slice).unwrap_or_default();
        if given.len() > MAX_FILTERS {
            return Err(AwsError::validation("Filters must have 10 members at most."));
        }
        let filters: AwsResult<Vec<Filter>> = given.iter().map(Filter::of).collect();
        filters.map(Self)
    }

    pub(crate) fn match_all(&self, secret: &Secret) -> bool {
        self.0.iter().all(|filter| filter.matches(secret))
    }
}

impl Filter {
    fn of(filter: &Value) -> AwsResult<Self> {
        let property = match filter["Key"].as_str() {
            Some("name") => Property::Name,
            Some("description") => Property::Description,
            Some("tag-key") => Property::TagKey,
            Some("tag-value") => Property::TagValue,
            Some("all") => Property::All,
            _ => return Err(AwsError::validation("Filters has an unknown key.")),
        };
        let values = filter["Values"].as_array();
        let values = values.map(Vec::as_slice).unwrap_or_default();
        let values = values.iter().filter_map(Value::as_str);
        Ok(Self { property, values: values.map(str::to_owned).collect() })
    }

    /// A value that starts with `!` matches the secrets that do not have it.
    fn matches(&self, secret: &Secret) -> bool {
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(unwanted) => !self.property.starts_with(secret, unwanted),
            None => self.property.starts_with(secret, value),
        })
    }
}

impl Property {
    /// Whether the property has this prefix: filters compare prefixes only.
    fn starts_with(&self, secret: &Secret, prefix: &str) -> bool {
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
                .any(|property| property.starts_with(secret, prefix)),
        }
    }
}
