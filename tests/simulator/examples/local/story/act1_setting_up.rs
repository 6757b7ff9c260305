//! Before the first customer.

use anyhow::Context as _;
use serde_json::{Value, json};
use url::Url;

use super::sweep;
use crate::browser::Browser;
use crate::stage::{App, DEVELOPER, PREFIX, SCOPES, Stage, short};
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
pub(super) async fn the_minter_is_consented_to(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "One consent in a browser gives the minter's token pair",
        "The developer opens the consent page, signs in at Webex and accepts. Webex sends the browser back with a code; consent \
         hands that to the refresher, which turns it into a pair and stores it. No person sees a token, now or later.",
    );
    let mut browser = Browser::at(&stage.consent())?;
    let home = browser.open("").await?;
    stage.hop("browser", "consent", "GET /", format!("{} {}", home.status, home.heading()));
    stage.check(
        "the page offers the minter, with what it asks for",
        &true,
        &SCOPES.iter().all(|scope| home.says(scope)),
    );
    let started = browser.open("start?app=minter&subject=default").await?;
    let off = started.leads_to.context("the page does not lead to Webex")?;
    stage.hop(
        "browser",
        "consent",
        "GET /start  app=minter",
        format!("{} to Webex, with state and PKCE", started.status),
    );
    let back = at_webex(stage, &mut browser, off.as_str()).await?;
    let mark = Mark::now(stage);
    let end = browser.open(back.as_str()).await?;
    stage.hop("browser", "consent", "GET /callback  with code and state", format!("{} {}", end.status, end.heading()));
    stage.hop("consent", "refresher", "exchange minter/default", "invoked, and waited for");
    mark.tell(stage, None);
    stage.check("the page says that it is done", "Granted", end.heading());
    let stored = stage.state(&format!("{PREFIX}grants/minter/default"));
    stage.check("and so says the secret grants/minter/default", "active", &stored);
    Ok(())
}

/// Signs in and accepts; gives the address to which Webex sends the browser back.
async fn at_webex(stage: &Stage, browser: &mut Browser, address: &str) -> anyhow::Result<Url> {
    let sign_in = browser.open(address).await?;
    stage.hop("browser", "Webex", "GET /authorize", format!("{} {}", sign_in.status, sign_in.heading()));
    let signed_in = browser.submit(&sign_in, &[("user", DEVELOPER)]).await?;
    let grant = browser.open(signed_in.leads_to.context("nobody could sign in")?.as_str()).await?;
    let accepted = browser.submit(&grant, &[("decision", "accept")]).await?;
    stage.hop("browser", "Webex", &format!("signs in as {DEVELOPER}, accepts"), format!("{} back", accepted.status));
    accepted.leads_to.context("Webex does not lead back")
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
