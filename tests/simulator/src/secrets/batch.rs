//! `BatchGetSecretValue`: by a list of ids, or page by page through a filter.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::paging::page;
use super::refusal::{Outcome, Refusal};
use super::secret::Secret;
use super::store::Store;
use super::values::chosen;

/// The most ids in a request, and the most values in a page.
const PAGE: usize = 20;

pub(crate) fn get(store: &mut Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let ids = body.get("SecretIdList").and_then(Value::as_array);
    match (ids, body.get("Filters").is_some_and(Value::is_array)) {
        (Some(ids), false) => by_id(store, body, ids),
        (None, true) => filtered(store, body, now),
        _ => Err(Refusal::parameter("Either SecretIdList or Filters must be provided, but not both.")),
    }
}

/// What is marked for deletion is left out; what is missing is an error of its own.
fn by_id(store: &mut Store, body: &Value, ids: &[Value]) -> Outcome<Value> {
    if !(1..=PAGE).contains(&ids.len()) {
        return Err(Refusal::validation("SecretIdList must have 1 to 20 members."));
    }
    if body.get("MaxResults").is_some_and(Value::is_number) {
        let message = "MaxResults can be used only together with Filters.";
        return Err(Refusal::parameter(message));
    }
    let mut answer = Values::default();
    for id in ids.iter().filter_map(Value::as_str) {
        match store.find(id) {
            Ok(secret) if secret.deletion.is_some() => {}
            Ok(secret) => answer.add(id, secret),
            Err(refusal) => answer.errors.push(refusal.item(id)),
        }
    }
    Ok(answer.body())
}

fn filtered(store: &Store, body: &Value, now: Timestamp) -> Outcome<Value> {
    let page = page(store, body, PAGE, false, now)?;
    let mut answer = Values::default();
    for secret in &page.secrets {
        answer.add(&secret.arn, secret);
    }
    Ok(page.close(answer.body()))
}

#[derive(Default)]
struct Values {
    values: Vec<Value>,
    errors: Vec<Value>,
}

impl Values {
    fn add(&mut self, id: &str, secret: &Secret) {
        match chosen(secret, None, None) {
            Ok(version) => self.values.push(secret.value(version)),
            Err(refusal) => self.errors.push(refusal.item(id)),
        }
    }

    fn body(&self) -> Value {
        json!({"SecretValues": self.values, "Errors": self.errors})
    }
}
