//! `apps/{app}`, written by the operator.

mod data_sources;

use broker_core::app::{App, AppType, Client, Integration, ServiceApp};
use broker_core::id::{AppName, ApplicationId, OrgId};
use broker_core::token::ClientSecret;
use serde::Deserialize;
use serde_json::Value;

use super::by_hand::{TextList, clean, explain, object_text, unknown_fields};
use super::{Defect, parse, require_filled};

/// The fields of the contract.
const FIELDS: [&str; 8] =
    ["kind", "client_id", "client_secret", "application_id", "orgs", "redirect_uri", "scopes", "data_sources"];

#[derive(Deserialize)]
struct AppDocument {
    kind: AppDocumentKind,
    client_id: String,
    client_secret: String,
    application_id: Option<String>,
    #[serde(default)]
    orgs: Value,
    redirect_uri: Option<String>,
    scopes: Option<TextList<String>>,
    #[serde(default)]
    data_sources: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AppDocumentKind {
    ServiceApp,
    Integration,
}

/// Reads the description of the app `name`. Slips that leave the app usable become [`App::problems`].
pub(crate) fn read(name: &AppName, text: &str) -> Result<App, Defect> {
    let mut problems = Vec::new();
    let text = object_text(text, &mut problems);
    let document: AppDocument = match parse(&text) {
        Ok(document) => document,
        Err(defect) => return Err(explain(defect, &text, &FIELDS)),
    };
    problems.extend(unknown_fields(&text, &FIELDS));
    let client_id = clean("client_id", &document.client_id, &mut problems);
    let client_secret = clean("client_secret", &document.client_secret, &mut problems);
    require_filled("client_id", client_id.is_empty())?;
    require_filled("client_secret", client_secret.is_empty())?;
    let client = Client { id: client_id.to_owned(), secret: ClientSecret::new(client_secret) };
    let kind = app_type(&document, client_id, &mut problems)?;
    Ok(App { name: name.clone(), client, kind, problems, version: String::new() })
}

fn app_type(document: &AppDocument, client_id: &str, problems: &mut Vec<Defect>) -> Result<AppType, Defect> {
    match document.kind {
        AppDocumentKind::ServiceApp => Ok(AppType::ServiceApp(ServiceApp {
            application_id: application_id(document, client_id, problems)?,
            orgs: orgs(&document.orgs, problems),
            data_sources: data_sources::read(&document.data_sources, problems),
        })),
        AppDocumentKind::Integration => Ok(AppType::Integration(Integration {
            redirect_uri: redirect_uri(document, problems),
            scopes: scopes(document),
        })),
    }
}

fn application_id(
    document: &AppDocument,
    client_id: &str,
    problems: &mut Vec<Defect>,
) -> Result<ApplicationId, Defect> {
    let Some(text) = &document.application_id else {
        return Ok(ApplicationId::of_client(client_id));
    };
    let id = clean("application_id", text, problems);
    require_filled("application_id", id.is_empty())?;
    Ok(ApplicationId::new(id))
}

/// The organisations that can be read; the others are reported.
fn orgs(field: &Value, problems: &mut Vec<Defect>) -> Vec<OrgId> {
    let entries = match field {
        Value::Null => Vec::new(),
        Value::Array(entries) => entries.clone(),
        Value::String(text) => org_entries(text),
        _ => {
            problems.push("orgs: expected a list of organisation ids".into());
            Vec::new()
        }
    };
    let mut orgs = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let field = format!("orgs[{index}]");
        let text = clean(&field, entry.as_str().unwrap_or_default(), problems);
        match OrgId::parse(text) {
            Ok(org) => orgs.push(org),
            Err(_) => problems.push(format!("{field}: expected an organisation id")),
        }
    }
    orgs
}

/// The entries of `orgs` written as a string: a JSON list, or one organisation.
fn org_entries(text: &str) -> Vec<Value> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    match serde_json::from_str(text) {
        Ok(entries) => entries,
        Err(_) => vec![Value::from(text)],
    }
}

/// An Integration whose pair is imported, as a minter's may be, needs no redirect URI.
fn redirect_uri(document: &AppDocument, problems: &mut Vec<Defect>) -> String {
    let text = document.redirect_uri.as_deref().unwrap_or_default();
    clean("redirect_uri", text, problems).to_owned()
}

/// One scope an entry, even if several were written into one string (RFC 6749 section 3.3 separates them by spaces).
fn scopes(document: &AppDocument) -> Option<Vec<String>> {
    let TextList(entries) = document.scopes.as_ref()?;
    let scopes = entries.iter().flat_map(|entry| entry.split_whitespace());
    Some(scopes.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
