//! A policy's text: parsed, validated, and every complaint with its place.

use std::collections::HashMap;

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

/// What policies may speak of, as it is packaged with them.
const SCHEMA: &str = include_str!("../../../../infra/callers.cedarschema");

/// The schema.
pub(super) fn schema() -> Result<Schema, String> {
    let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|error| error.to_string())?;
    Ok(schema)
}

/// The policies in `text`, each of which fits `schema`.
pub(super) fn policies(text: &str, schema: &Schema) -> Result<PolicySet, String> {
    let set: PolicySet = text.parse().map_err(|errors: cedar_policy::ParseErrors| match errors.iter().next() {
        Some(first) => placed(text, first),
        None => errors.to_string(),
    })?;
    if set.num_of_templates() > 0 {
        return Err("it holds a template (?principal or ?resource), which nothing here fills in".to_owned());
    }
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    match result.validation_errors().next() {
        Some(first) => Err(placed(text, first)),
        None => Ok(set),
    }
}

/// What each policy is called: its `@id`, which need not be unique.
pub(super) fn names(set: &PolicySet) -> HashMap<PolicyId, String> {
    let name = |policy: &Policy| policy.annotation("id").map_or_else(|| policy.id().to_string(), str::to_owned);
    set.policies().map(|policy| (policy.id().clone(), name(policy))).collect()
}

/// A complaint, after the line and the column that it is about.
fn placed(text: &str, complaint: &dyn Diagnostic) -> String {
    let offset = complaint.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
    let before = offset.and_then(|offset| text.get(..offset));
    let help = complaint.help().map(|help| format!(" ({help})")).unwrap_or_default();
    match before {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("line {line}, column {column}: {complaint}{help}")
        }
        None => format!("{complaint}{help}"),
    }
}
