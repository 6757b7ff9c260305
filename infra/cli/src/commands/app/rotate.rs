//! `wtb app rotate-secret`.

use serde_json::{Value, json};

use super::super::sweep;
use crate::arguments::RotateClientSecret;
use crate::broker::{Broker, text};
use crate::failure::Failure;
use crate::report::Report;
use crate::secret_input;
use crate::secret_store::SecretStore;
use crate::session::Session;

/// Stores the new client secret and sweeps, which repairs what failed in between. Webex revokes the old client secret the
/// moment that the portal shows the new one, so everything that can fail is done before the question.
pub(in crate::commands) async fn rotate_secret(
    session: &Session<'_>,
    arguments: &RotateClientSecret,
) -> Result<Report, Failure> {
    let app = &arguments.app;
    let broker = Broker::operator(session).await?;
    let store = SecretStore::new(session, &broker.deployment)?;
    let name = store.app(app);
    let mut document = store.read(&name).await?;
    let file = arguments.secret.client_secret_file.as_deref();
    if file.is_none() {
        session.machine.note(
            "Regenerate the client secret in Webex's portal now. The old one is revoked at once; tokens that are out \
             keep working.",
        );
    }
    let secret = secret_input::read(session, "the new client secret", file, "--client-secret-file")?;
    document.insert("client_secret".to_owned(), Value::from(secret.expose()));
    store.put(&name, &document).await?;
    session.machine.note(&format!("{name} has the new client secret. Sweeping."));
    let answer = sweep::sweep(&broker, session, sweep::webhook_url(&broker, None)).await.map_err(|failure| {
        let detail = format!("the new client secret is stored, and the sweep after it failed: {}", failure.detail);
        Failure { detail, ..failure }.advise("when the cause is gone: wtb sweep")
    })?;
    let failures: Vec<_> =
        sweep::failures(&answer).iter().filter(|failure| text(failure, "app") == app.as_str()).cloned().collect();
    let json = json!({ "app": app, "failures": failures });
    if failures.is_empty() {
        let text =
            format!("Nothing of {app} fails.\n  → wtb app check {app} shows what Webex said about the credentials\n");
        return Ok(Report::ok(text, json));
    }
    let list = sweep::failure_list(&failures, session.look());
    Ok(Report::ok(format!("The client secret is stored, and this still fails:\n\n{list}"), json).needs_person(true))
}
