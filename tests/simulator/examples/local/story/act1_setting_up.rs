//! Before the first customer.

use serde_json::{Value, json};

use super::counted;
use crate::screen::Hop;
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
    let stored = stage.simulator.secrets.names().len();
    stage.screen.check("five secrets are in the store", 5, stored);
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
    let what = format!("CreateSecret {name}");
    let outcome = format!("stored, version {}", short(&version));
    stage
        .screen
        .hop(&Hop::new("operator", "Secrets Manager", what, outcome));
    Ok(())
}

/// One consent in a browser, then never again.
pub(super) async fn the_minter_is_imported(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "One consent in a browser gives the minter's token pair",
        "The developer consents once; the operator hands the refresh token to the refresher, which proves it by using \
         it and stores what comes back. From now on the pair is kept alive without anybody.",
    );
    let pair = stage.simulator.webex.grant_integration(&stage.minter, DEVELOPER)?;
    let what = format!("import minter/default, refresh token {}", masked(&pair.refresh_token));
    let mark = Mark::now(stage);
    let import = json!({"app": "minter", "subject": "default", "refresh_token": pair.refresh_token});
    let answer = stage.calls.refresher(&json!({ "import": import })).await?;
    let state = answer["state"].as_str().unwrap_or("?").to_owned();
    stage.screen.hop(&Hop::new("operator", "refresher", what, &state));
    mark.tell(stage, None);
    stage
        .screen
        .check("the import says that the minter is active", "active", &state);
    let name = format!("{PREFIX}grants/minter/default");
    stage
        .screen
        .check("grants/minter/default is stored", "active", &stage.state(&name));
    Ok(())
}

/// Nobody has to register anything by hand.
pub(super) async fn the_first_sweep_registers_webhooks(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "The first sweep registers our webhooks with Webex",
        "In production a schedule invokes the refresher every few minutes. With the minter's token it sees to it that \
         Webex tells us when a customer authorises an app or takes that back: two events, two apps.",
    );
    let report = stage.sweep().await?;
    counted(stage, &report, &[("webhooks_repaired", 4)]);
    let hooks = stage.simulator.webex.registered_webhooks();
    let ours = hooks
        .iter()
        .filter(|hook| hook.active && hook.target_url.starts_with(&stage.functions.url));
    stage.screen.check(
        "Webex knows four webhooks that lead to the webhook function",
        4,
        ours.count(),
    );
    Ok(())
}
