//! Parameters, from the query or from a form.

use std::collections::BTreeMap;

use lambda_http::Request;
use url::form_urlencoded;

/// The longest value that means anything: a scope string that is refused fits in well.
const LONGEST: usize = 8 * 1024;

/// Parameters by name, in their order. A value that is too long counts as none.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    pub(crate) fn of_query(request: &Request) -> Self {
        Self::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    pub(crate) fn of_form(request: &Request) -> Self {
        Self::parse(request.body())
    }

    fn parse(encoded: &[u8]) -> Self {
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if value.len() <= LONGEST {
                all.entry(name.into_owned()).or_default().push(value.into_owned());
            }
        }
        Self(all)
    }

    /// The only value of `name`; `None` if there is none, or more than one, or nothing in it.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        match self.0.get(name)?.as_slice() {
            [value] if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// A query string; nothing in it can end a parameter or an attribute.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
