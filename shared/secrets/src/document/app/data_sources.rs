//! The field `data_sources` of an app.

use broker_core::data_sources::WantedDataSource;
use serde_json::{Map, Value};

use super::super::Defect;
use super::super::by_hand::{clean, unknown_names};

/// The fields of one data source.
const FIELDS: [&str; 6] = ["url", "schema_id", "audience", "subject", "lifetime_minutes", "reactivate"];

/// The data sources that can be used; the others are reported. One may be written without a list around it, and all of
/// it as a string, as the AWS console stores it.
pub(super) fn read(field: &Value, problems: &mut Vec<Defect>) -> Vec<WantedDataSource> {
    let entries = match field {
        Value::Null => Vec::new(),
        Value::Array(entries) => entries.clone(),
        Value::Object(_) => vec![field.clone()],
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Array(entries)) => entries,
            Ok(Value::Object(entry)) => vec![Value::Object(entry)],
            _ => {
                problems.push("data_sources: expected a data source or a list of them".into());
                Vec::new()
            }
        },
        _ => {
            problems.push("data_sources: expected a data source or a list of them".into());
            Vec::new()
        }
    };
    let mut wanted: Vec<WantedDataSource> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let field = format!("data_sources[{index}]");
        let read = match read_one(&field, entry, problems) {
            Ok(read) => read,
            Err(defect) => {
                problems.push(defect);
                continue;
            }
        };
        if wanted.iter().any(|other| other.url == read.url && other.subject == read.subject) {
            problems.push(format!("{field}: has the url and the subject of another one, and cannot be told from it"));
        } else if wanted.len() == WantedDataSource::MOST {
            problems.push(format!("{field}: an app has at most {} data sources", WantedDataSource::MOST));
        } else {
            wanted.push(read);
        }
    }
    wanted
}

fn read_one(field: &str, entry: &Value, problems: &mut Vec<Defect>) -> Result<WantedDataSource, Defect> {
    let Value::Object(entry) = entry else {
        return Err(format!("{field}: expected an object with url, schema_id, audience and subject"));
    };
    problems.extend(unknown_names(entry, &FIELDS).into_iter().map(|defect| format!("{field}: {defect}")));
    let mut text = |name: &str| required_text(field, entry, name, problems);
    Ok(WantedDataSource {
        url: text("url")?,
        schema_id: text("schema_id")?,
        audience: text("audience")?,
        subject: text("subject")?,
        lifetime_minutes: lifetime_minutes(field, entry.get("lifetime_minutes"))?,
        reactivate: flag(field, entry.get("reactivate"))?,
    })
}

fn required_text(
    field: &str,
    entry: &Map<String, Value>,
    name: &str,
    problems: &mut Vec<Defect>,
) -> Result<String, Defect> {
    let field = format!("{field}.{name}");
    let text = clean(&field, entry.get(name).and_then(Value::as_str).unwrap_or_default(), problems);
    if text.is_empty() {
        return Err(format!("{field}: expected a text"));
    }
    Ok(text.to_owned())
}

/// The console stores numbers as strings.
fn lifetime_minutes(field: &str, value: Option<&Value>) -> Result<u32, Defect> {
    let longest = WantedDataSource::LONGEST_LIFETIME;
    let minutes = match value {
        None | Some(Value::Null) => return Ok(longest),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_u64(),
    };
    match minutes.and_then(|minutes| u32::try_from(minutes).ok()) {
        Some(minutes) if (1..=longest).contains(&minutes) => Ok(minutes),
        _ => Err(format!("{field}.lifetime_minutes: expected a whole number of minutes from 1 to {longest}")),
    }
}

fn flag(field: &str, value: Option<&Value>) -> Result<bool, Defect> {
    match value {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(Value::String(text)) if text == "true" => Ok(true),
        Some(Value::String(text)) if text == "false" => Ok(false),
        Some(_) => Err(format!("{field}.reactivate: expected true or false")),
    }
}
