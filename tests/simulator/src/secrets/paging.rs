//! Pages by name: what was there and stays there is seen exactly once, whatever comes and goes in between.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::filter::Filters;
use super::refusal::{Outcome, Refusal};
use super::secret::Secret;
use super::store::{Store, optional};
use crate::clock::later;

/// One page, and where the next one starts.
pub(crate) struct Page<'s> {
    pub(crate) secrets: Vec<&'s Secret>,
    next: Option<String>,
}

/// The page that `NextToken` and `MaxResults` ask for, `most` secrets at most.
pub(crate) fn page<'s>(
    store: &'s Store,
    body: &Value,
    most: usize,
    planned_deletion: bool,
    now: Timestamp,
) -> Outcome<Page<'s>> {
    let filters = Filters::of(body)?;
    let after = after(body)?;
    let size = size(body, most)?;
    let visible = |secret: &&Secret| {
        (planned_deletion || secret.deletion.is_none())
            && later(secret.created, store.list_staleness) <= now
            && filters.admit(secret)
    };
    let rest = store.secrets.range((after, Bound::Unbounded));
    let rest = rest.map(|(_, secret)| secret);
    let mut secrets: Vec<&Secret> = rest.filter(visible).take(size + 1).collect();
    let more = secrets.len() > size;
    secrets.truncate(size);
    let last = secrets.last().filter(|_| more);
    let next = last.map(|last| STANDARD.encode(&last.name));
    Ok(Page { secrets, next })
}

impl Page<'_> {
    /// Adds `NextToken`, if there is more.
    pub(crate) fn close(&self, mut answer: Value) -> Value {
        if let Some(next) = &self.next {
            answer["NextToken"] = json!(next);
        }
        answer
    }
}

fn after(body: &Value) -> Outcome<Bound<String>> {
    let Some(token) = optional(body, "NextToken") else {
        return Ok(Bound::Unbounded);
    };
    let name = STANDARD.decode(token).ok();
    let name = name.and_then(|name| String::from_utf8(name).ok());
    let invalid = || Refusal::new("InvalidNextTokenException", "The NextToken value is invalid.");
    name.map(Bound::Excluded).ok_or_else(invalid)
}

fn size(body: &Value, most: usize) -> Outcome<usize> {
    let Some(size) = body.get("MaxResults").and_then(Value::as_u64) else {
        return Ok(most);
    };
    let size = usize::try_from(size).ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| Refusal::validation(format!("MaxResults must be between 1 and {most}.")))
}
