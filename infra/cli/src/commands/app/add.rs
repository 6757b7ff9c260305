//! `wtb app add`.

use std::fmt::Write as _;

use broker_core::id::OrgId;
use serde_json::{Value, json};

use crate::arguments::{AddApp, Kind};
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;
use crate::secret_input;
use crate::secret_store::{Document, SecretStore};
use crate::session::Session;

/// Stores the webhook secret, then the credentials: a command that was interrupted can be repeated.
pub(in crate::commands) async fn add(session: &Session<'_>, arguments: &AddApp) -> Result<Report, Failure> {
    check_kind(arguments)?;
    let deployment = Deployment::find(session).await?;
    let store = SecretStore::new(session, &deployment)?;
    let app = &arguments.app;
    let document = document(session, arguments)?;
    let key = arguments.kms_key_id.as_deref();
    let mut created = Vec::new();
    let mut text = String::new();
    if arguments.kind == Kind::ServiceApp {
        let name = store.webhooks(app);
        let webhooks = Document::from_iter([("secrets".to_owned(), json!([session.random_secret()?]))]);
        if store.create(&name, &webhooks, key).await? {
            let _ = writeln!(text, "{name} is created, with a random webhook secret.");
            created.push(name);
        } else {
            let _ = writeln!(text, "{name} exists and stays as it is.");
        }
    }
    let name = store.app(app);
    if !store.create(&name, &document, key).await? {
        let failure = Failure::new(Exit::Failed, "exists", format!("the secret {name} exists; it stays as it is"));
        return Err(failure.advise(format!("wtb app rotate-secret {app} replaces the client secret")));
    }
    let _ = writeln!(text, "{name} is created.");
    created.push(name);
    let next = next_step(arguments);
    let _ = writeln!(text, "  → {next}");
    Ok(Report::ok(text, json!({ "app": app, "created": created, "next_steps": [next] })))
}

fn check_kind(arguments: &AddApp) -> Result<(), Failure> {
    match arguments.kind {
        Kind::ServiceApp if arguments.redirect_uri.is_some() || !arguments.scopes.is_empty() => {
            Err(Failure::usage("a Service App takes no --redirect-uri and no --scope"))
        }
        Kind::Integration if !arguments.orgs.is_empty() => Err(Failure::usage("an Integration takes no --org")),
        _ => Ok(()),
    }
}

/// The document of `apps/{app}`, as functions/README.md describes it.
fn document(session: &Session<'_>, arguments: &AddApp) -> Result<Document, Failure> {
    let file = arguments.secret.client_secret_file.as_deref();
    let secret = secret_input::read(session, "the client secret", file, "--client-secret-file")?;
    let mut document = Document::new();
    let mut add = |name: &str, value: Value| document.insert(name.to_owned(), value);
    add("kind", json!(arguments.kind));
    add("client_id", arguments.client_id.as_str().into());
    add("client_secret", secret.expose().into());
    if !arguments.orgs.is_empty() {
        let orgs: Vec<_> = arguments.orgs.iter().map(OrgId::as_str).collect();
        add("orgs", json!(orgs));
    }
    if let Some(url) = &arguments.redirect_uri {
        add("redirect_uri", url.as_str().into());
    }
    if !arguments.scopes.is_empty() {
        add("scopes", json!(arguments.scopes));
    }
    Ok(document)
}

fn next_step(arguments: &AddApp) -> String {
    let app = &arguments.app;
    match arguments.kind {
        Kind::ServiceApp => {
            format!("wtb sweep, which checks the credentials and registers the webhooks; then wtb app check {app}")
        }
        Kind::Integration => {
            format!("consent on the consent page, or wtb minter connect if it is the minter; then wtb app check {app}")
        }
    }
}
