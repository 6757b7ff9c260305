//! Pages in the order of names: a secret that exists throughout appears exactly once, whatever is created or deleted
//! between two pages.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{AwsError, AwsResult};
use super::filter::Filters;
use super::secret::Secret;
use super::store::{Store, optional};
use crate::clock::later;

/// One page, and the token of the next one.
pub(crate) struct Page<'s> {
    pub(crate) secrets: Vec<&'s Secret>,
    next: Option<String>,
}

/// The page that `NextToken` and `MaxResults` ask for, with at most `most` secrets.
pub(crate) fn page<'s>(
    store: &'s Store,
    body: &Value,
    most: usize,
    planned_deletion: bool,
    now: Timestamp,
) -> AwsResult<Page<'s>> {
    let filters = Filters::of(body)?;
    let after = after(body)?;
    let size = size(body, most)?;
    let visible = |secret: &&Secret| {
        (planned_deletion || secret.deletion.is_none())
            && later(secret.created, store.list_staleness) <= now
            && filters.match_all(secret)
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
    /// Adds `NextToken` if there is another page.
    pub(crate) fn with_next_token(&self, mut body: Value) -> Value {
        if let Some(next) = &self.next {
            body["NextToken"] = json!(next);
        }
        body
    }
}

fn after(body: &Value) -> AwsResult<Bound<String>> {
    let Some(token) = optional(body, "NextToken") else {
        return Ok(Bound::Unbounded);
    };
    let name = STANDARD.decode(token).ok();
    let name = name.and_then(|name| String::from_utf8(name).ok());
    match name {
        Some(name) => Ok(Bound::Excluded(name)),
        None => Err(AwsError::new("InvalidNextTokenException", "The NextToken value is invalid.")),
    }
}

fn size(body: &Value, most: usize) -> AwsResult<usize> {
    let Some(size) = body.get("MaxResults").and_then(Value::as_u64) else {
        return Ok(most);
    };
    let size = usize::try_from(size).ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| AwsError::validation(format!("MaxResults must be between 1 and {most}.")))
}
