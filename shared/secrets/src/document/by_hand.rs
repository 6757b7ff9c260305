//! Documents that people write, often in the AWS console, and the usual slips in them.
//!
//! The console's Key/value tab stores every value as a string, editors add byte-order marks, and pasted values keep
//! their line breaks. A slip whose meaning is clear does not make a document unreadable: it is reported in words that
//! quote no value.

use serde::de::value::{SeqAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Defect, without_byte_order_mark};

/// Characters that two field names may differ by and still be the same word with a typing error.
const MOST_TYPING_ERRORS: usize = 2;

/// Longest name of an unknown field that is quoted. Together with [`is_plain_name`] this keeps a secret that was typed as
/// a field's name out of the log.
const LONGEST_PLAIN_NAME: usize = 24;

/// Fewest letters of a field name that count as a part of another, as `secret` of `client_secret`.
const SHORTEST_PART: usize = 3;

/// The JSON object in `text`, also if the whole object was stored as a JSON string.
pub(super) fn object_text(text: &str, problems: &mut Vec<Defect>) -> String {
    let text = without_byte_order_mark(text);
    if text.trim_start().starts_with('"')
        && let Ok(inner) = serde_json::from_str::<String>(text)
        && is_object(&inner)
    {
        problems.push("the JSON object is stored as a JSON string; store the object itself".into());
        return inner;
    }
    text.to_owned()
}

/// `text` without the white space, invisible characters and quotation marks around it, which are reported.
pub(super) fn clean<'t>(field: &str, text: &'t str, problems: &mut Vec<Defect>) -> &'t str {
    let trimmed = trim(text);
    if trimmed.len() != text.len() {
        problems.push(format!("{field}: white space around the value was ignored"));
    }
    let unquoted = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match unquoted {
        Some(inner) => {
            problems.push(format!("{field}: quotation marks around the value were ignored"));
            trim(inner)
        }
        None => trimmed,
    }
}

/// `text` without white space, byte-order marks and zero-width spaces around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// The fields of the object `text` that are not among `known`, each with the known name it resembles.
pub(super) fn unknown_fields(text: &str, known: &[&str]) -> Vec<Defect> {
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(fields) => unknown_names(&fields, known),
        Err(_) => Vec::new(),
    }
}

/// The names of `fields` that are not among `known`, each with the known name it resembles.
pub(super) fn unknown_names(fields: &Map<String, Value>, known: &[&str]) -> Vec<Defect> {
    let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
    unknown.map(|name| describe_unknown(name, known)).collect()
}

/// Reasons why `text` cannot be read that its `defect` does not show: misspelt fields, and an object in a string.
pub(super) fn explain(defect: Defect, text: &str, known: &[&str]) -> Defect {
    let mut reasons = vec![defect];
    if let Ok(fields) = serde_json::from_str::<Map<String, Value>>(text) {
        for (name, value) in &fields {
            if !known.contains(&name.as_str()) && nearest(name, known).is_some() {
                reasons.push(describe_unknown(name, known));
            }
            if let Some(text) = value.as_str()
                && is_object(text)
            {
                reasons.push("a field holds a JSON object as a string; store that object itself".into());
            }
        }
    }
    reasons.join("; ")
}

fn is_object(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Object(_)))
}

fn describe_unknown(name: &str, known: &[&str]) -> Defect {
    match nearest(name, known) {
        Some(meant) => format!("unknown field `{name}`; did you mean `{meant}`?"),
        None if is_plain_name(name) => format!("unknown field `{name}`"),
        None => "a field with an unknown name".into(),
    }
}

/// The known field that `name` resembles.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let letters = letters_of(name);
    let mut closest = None;
    let mut closest_distance = MOST_TYPING_ERRORS + 1;
    for candidate in known {
        let target = letters_of(candidate);
        let is_part = letters.len() >= SHORTEST_PART && target.contains(&letters);
        let distance = if is_part { 1 } else { strsim::damerau_levenshtein(&letters, &target) };
        if distance < closest_distance && distance * 2 < target.len() {
            closest = Some(*candidate);
            closest_distance = distance;
        }
    }
    closest
}

/// The name in lower case without separators: `clientId` and `client-id` are `client_id`.
fn letters_of(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_plain_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '_';
    !name.is_empty() && name.len() <= LONGEST_PLAIN_NAME && name.chars().all(is_plain)
}

/// A list that may be written as one string, or as a string that holds a JSON list.
pub(super) struct TextList<T>(pub(super) Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for TextList<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextListVisitor(std::marker::PhantomData))
    }
}

struct TextListVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for TextListVisitor<T> {
    type Value = TextList<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<TextList<T>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(TextList)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TextList<T>, E> {
        if !text.trim_start().starts_with('[') {
            let item = T::deserialize(StrDeserializer::new(text))?;
            return Ok(TextList(vec![item]));
        }
        match serde_json::from_str(text) {
            Ok(items) => Ok(TextList(items)),
            Err(_) => Err(E::custom("expected a list of strings")),
        }
    }
}
