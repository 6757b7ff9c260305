//! Parameters of a query string or a form.

use std::collections::BTreeMap;

use lambda_http::Request;
use url::form_urlencoded;

/// Longer values are ignored. The longest scope string that is refused with a reason fits well.
const MAX_VALUE_BYTES: usize = 8 * 1024;

/// Values by parameter, in their order.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    pub(crate) fn from_query(request: &Request) -> Self {
        Self::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    pub(crate) fn from_form(request: &Request) -> Self {
        Self::parse(request.body())
    }

    fn parse(encoded: &[u8]) -> Self {
        let mut parameters = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if value.len() <= MAX_VALUE_BYTES {
                parameters.entry(name.into_owned()).or_default().push(value.into_owned());
            }
        }
        Self(parameters)
    }

    /// The only value of `name`; `None` if there is none, an empty one, or several.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name)?.as_slice() {
            [value] if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// The words of all values of `name`, each once. A value may hold one word or many.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        let mut words = Vec::new();
        let Some(values) = self.0.get(name) else { return words };
        for word in values.iter().flat_map(|value| value.split_whitespace()) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        words
    }
}
