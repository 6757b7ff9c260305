//! `BatchGetSecretValue`: by a list of ids, or by filters, page by page.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{AwsError, AwsResult};
use super::paging::page;
use super::secret::Secret;
use super::store::Store;
use super::values::find_version;

/// The largest number of ids in a request and of values in a page.
const PAGE: usize = 20;

pub(crate) fn get(store: &mut Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let ids = body.get("SecretIdList").and_then(Value::as_array);
    match (ids, body["Filters"].is_array()) {
        (Some(ids), false) => by_id(store, body, ids),
        (None, true) => filtered(store, body, now),
        _ => Err(AwsError::parameter("Either SecretIdList or Filters must be provided, but not both.")),
    }
}

/// Secrets that are scheduled for deletion are left out. A secret that does not exist is an item of `Errors`.
fn by_id(store: &mut Store, body: &Value, ids: &[Value]) -> AwsResult<Value> {
    if !(1..=PAGE).contains(&ids.len()) {
        return Err(AwsError::validation("SecretIdList must have 1 to 20 members."));
    }
    if body["MaxResults"].is_number() {
        let message = "MaxResults can be used only together with Filters.";
        return Err(AwsError::parameter(message));
    }
    let mut values = Values::default();
    for id in ids.iter().filter_map(Value::as_str) {
        match store.find(id) {
            Ok(secret) if secret.deletion.is_some() => {}
            Ok(secret) => values.add(id, secret),
            Err(error) => values.errors.push(error.batch_item(id)),
        }
    }
    Ok(values.body())
}

fn filtered(store: &Store, body: &Value, now: Timestamp) -> AwsResult<Value> {
    let page = page(store, body, PAGE, false, now)?;
    let mut values = Values::default();
    for secret in &page.secrets {
        values.add(&secret.arn, secret);
    }
    Ok(page.with_next_token(values.body()))
}

#[derive(Default)]
struct Values {
    values: Vec<Value>,
    errors: Vec<Value>,
}

impl Values {
    fn add(&mut self, id: &str, secret: &Secret) {
        match find_version(secret, None, None) {
            Ok(version) => self.values.push(secret.value(version)),
            Err(error) => self.errors.push(error.batch_item(id)),
        }
    }

    fn body(&self) -> Value {
        json!({"SecretValues": self.values, "Errors": self.errors})
    }
}
