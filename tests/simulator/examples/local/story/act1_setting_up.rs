//! Before the first customer.

use serde_json::{Value, json};

use super::sweep;
use crate::stage::{App, DEVELOPER, PREFIX, SCOPES, Stage, masked, short};
use crate::trace::Mark;

/// Everything that only a person can know, and only once.
pub(super) async fn the_operator_stores_what_the_portal_gave(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "The operator stores what Webex's developer portal gave",
        "Two Service Apps, `reports` and `onboarding`, which customers will authorise; and the minter, an Integration \
         with whose access token the broker asks for theirs. The apps/* secrets are for the refresher alone; the \
         webhooks/* secrets hold what Webex signs its events with.",
    );
    let minter = &stage.minter;
    let document = json!({
        "kind": "integration",
        "client_id": minter.client_id,
        "client_secret": minter.client_secret,
        "redirect_uri": minter.redirect_uri,
        "scopes": SCOPES,
    });
    create(stage, "apps/minter", &document).await?;
    for app in [&stage.reports, &stage.onboarding] {
        create(stage, &format!("apps/{}", app.name), &service_app(app, &[])).await?;
        let keys = json!({"secrets": [app.webhook_secret], "application_id": app.credentials.application_id});
        create(stage, &format!("webhooks/{}", app.name), &keys).await?;
    }
    stage.check("five secrets are in the store", &5, &stage.secrets().names().len());
    Ok(())
}

/// The document of a Service App, with the orgs that sweeps are to look at even if no event ever came.
pub(super) fn service_app(app: &App, orgs: &[&str]) -> Value {
    json!({
        "kind": "service_app",
        "client_id": app.credentials.client_id,
        "client_secret": app.credentials.client_secret,
        "orgs": orgs,
    })
}

async fn create(stage: &Stage, name: &str, document: &Value) -> anyhow::Result<()> {
    let version = stage.calls.create_secret(&format!("{PREFIX}{name}"), document).await?;
    let outcome = format!("stored, version {}", short(&version));
    stage.hop("operator", "Secrets Manager", &format!("CreateSecret {name}"), outcome);
    Ok(())
}

/// One consent in a browser, then never again.
pub(super) async fn the_minter_is_imported(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "One consent in a browser gives the minter's token pair",
        "The developer consents once; the operator hands the refresh token to the refresher, which proves it by using \
         it and stores what comes back. From now on the pair is kept alive without anybody.",
    );
    let pair = stage.webex().grant_integration(&stage.minter, DEVELOPER)?;
    let what = format!("import minter/default, {}", masked(&pair.refresh_token));
    let mark = Mark::now(stage);
    let import = json!({"app": "minter", "subject": "default", "refresh_token": pair.refresh_token});
    let answer = stage.calls.refresher(&json!({ "import": import })).await?;
    let said = answer["state"].as_str().unwrap_or("?");
    stage.hop("operator", "refresher", &what, said);
    mark.tell(stage, None);
    stage.check("the refresher says that the minter is active", "active", said);
    let stored = stage.state(&format!("{PREFIX}grants/minter/default"));
    stage.check("and so says the secret grants/minter/default", "active", &stored);
    Ok(())
}

/// Nobody has to register anything by hand.
pub(super) async fn the_first_sweep_registers_webhooks(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "The first sweep registers our webhooks with Webex",
        "In production a schedule invokes the refresher again and again; here we do. With the minter's token it sees to it \
         that Webex tells us when a customer authorises an app or takes that back: two events for each of two apps.",
    );
    sweep(stage, "it had to repair four webhooks", &[("webhooks_repaired", 4), ("scanned", 1)]).await?;
    let hooks = stage.webex().registered_webhooks();
    let ours = hooks.iter().filter(|hook| hook.active && hook.target_url.starts_with(&stage.functions.url));
    stage.check("Webex has four that lead to our webhook function", &4, &ours.count());
    Ok(())
}
