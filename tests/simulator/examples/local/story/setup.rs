//! Before the first customer.

use anyhow::Context as _;
use serde_json::{Value, json};
use url::Url;

use super::sweep;
use crate::browser::Browser;
use crate::demo::{App, DEVELOPER, Demo, MINTER_SCOPES, PREFIX, short};
use crate::journal_trace::JournalMark;

pub(super) async fn operator_stores_the_credentials(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "The operator stores the credentials from Webex's developer portal",
        "There are two Service Apps, `reports` and `onboarding`, which customers will authorise; the minter, an \
         Integration whose access token the broker needs to mint tokens for them; and `personal`, an Integration whose \
         scopes the consenting person chooses. Only the refresher can read the apps/* secrets. The webhooks/* secrets \
         hold the keys with which Webex signs its events.",
    );
    let minter = &demo.minter;
    let document = json!({
        "kind": "integration",
        "client_id": minter.client_id,
        "client_secret": minter.client_secret,
        "redirect_uri": minter.redirect_uri,
        "scopes": MINTER_SCOPES,
    });
    create_secret(demo, "apps/minter", &document).await?;
    let personal = &demo.personal;
    let document = json!({
        "kind": "integration",
        "client_id": personal.client_id,
        "client_secret": personal.client_secret,
        "redirect_uri": personal.redirect_uri,
    });
    create_secret(demo, "apps/personal", &document).await?;
    for app in [&demo.reports, &demo.onboarding] {
        create_secret(demo, &format!("apps/{}", app.name), &service_app_document(app, &[])).await?;
        let document = json!({"secrets": [app.webhook_secret], "application_id": app.credentials.application_id});
        create_secret(demo, &format!("webhooks/{}", app.name), &document).await?;
    }
    demo.check("Secrets Manager holds six secrets", &6, &demo.secrets().names().len());
    Ok(())
}

/// The document of a Service App. Every sweep checks `orgs`, even if no event about them has arrived.
pub(super) fn service_app_document(app: &App, orgs: &[&str]) -> Value {
    json!({
        "kind": "service_app",
        "client_id": app.credentials.client_id,
        "client_secret": app.credentials.client_secret,
        "orgs": orgs,
    })
}

async fn create_secret(demo: &Demo, name: &str, document: &Value) -> anyhow::Result<()> {
    let version = demo.api.create_secret(&format!("{PREFIX}{name}"), document).await?;
    let result = format!("stored, version {}", short(&version));
    demo.message("operator", "Secrets Manager", &format!("CreateSecret {name}"), result);
    Ok(())
}

pub(super) async fn developer_consents_to_the_minter(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "One consent in a browser gives the minter its token pair",
        "The developer opens the consent page, signs in at Webex and accepts. Webex redirects the browser back with a \
         code. consent passes the code to the refresher, which exchanges it for a token pair and stores it. No person \
         ever sees a token.",
    );
    let mut browser = Browser::at(&demo.consent_url())?;
    let home = browser.open("").await?;
    demo.message("browser", "consent", "GET /", format!("{} {}", home.status, home.heading()));
    let shows_scopes = MINTER_SCOPES.iter().all(|scope| home.contains(scope));
    demo.check("the page offers the minter with its scopes", &true, &shows_scopes);
    let has_picker = home.contains("name=\"scope\" value=\"spark:people_read\"");
    demo.check("and a choice of scopes for `personal`", &true, &has_picker);
    let started = browser.open("start?app=minter&subject=default").await?;
    let webex = started.redirect.context("the consent page does not redirect to Webex")?;
    let result = format!("{} to Webex, with state and PKCE", started.status);
    demo.message("browser", "consent", "GET /start  app=minter", result);
    let callback = consent_at_webex(demo, &mut browser, webex.as_str()).await?;
    let mark = JournalMark::now(demo);
    let end = browser.open(callback.as_str()).await?;
    demo.message(
        "browser",
        "consent",
        "GET /callback  with code and state",
        format!("{} {}", end.status, end.heading()),
    );
    demo.message("consent", "refresher", "exchange minter/default", "synchronous invocation");
    mark.print(demo, None);
    demo.check("the page reports success", &200, &end.status);
    let state = demo.grant_state(&format!("{PREFIX}grants/minter/default"));
    demo.check("the secret grants/minter/default is active", "active", &state);
    Ok(())
}

/// Signs in at Webex and accepts. Returns the address that Webex redirects the browser to.
async fn consent_at_webex(demo: &Demo, browser: &mut Browser, address: &str) -> anyhow::Result<Url> {
    let sign_in = browser.open(address).await?;
    demo.message("browser", "Webex", "GET /authorize", format!("{} {}", sign_in.status, sign_in.heading()));
    let signed_in = browser.submit(&sign_in, &[("user", DEVELOPER)]).await?;
    let grant = signed_in.redirect.with_context(|| format!("Webex does not let {DEVELOPER} sign in"))?;
    let grant = browser.open(grant.as_str()).await?;
    let accepted = browser.submit(&grant, &[("decision", "accept")]).await?;
    let request = format!("sign in as {DEVELOPER}, accept");
    demo.message("browser", "Webex", &request, format!("{} to consent", accepted.status));
    accepted.redirect.context("Webex does not redirect back")
}

pub(super) async fn first_sweep_registers_webhooks(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "The first sweep registers webhooks with Webex",
        "In production a schedule invokes the refresher regularly; here this program does. The sweep uses the minter's \
         token to register webhooks, so that Webex reports when a customer authorises an app or withdraws: two events for \
         each of two apps. It also checks the client credentials of each new app, by a refresh with a token that was \
         never issued: 400 says that Webex accepts the credentials. The secrets index/* keep what a sweep finds out, \
         for operators.",
    );
    sweep(demo, "the sweep registered four webhooks", &[("webhooks_repaired", 4), ("scanned", 1)]).await?;
    let webhooks = demo.webex().registered_webhooks();
    let ours = webhooks.iter().filter(|webhook| webhook.active && webhook.target_url.starts_with(&demo.functions.url));
    demo.check("Webex has four active webhooks for the webhook function", &4, &ours.count());
    Ok(())
}
