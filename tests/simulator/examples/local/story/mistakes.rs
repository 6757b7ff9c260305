//! What an operator gets wrong, and how soon the broker says so.

use serde_json::{Value, json};

use super::setup::service_app_document;
use super::{fetch_token, sweep};
use crate::demo::{App, Demo, PREFIX};
use crate::journal_trace::JournalMark;

pub(super) async fn operator_stores_a_wrong_client_secret(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "The operator stores a wrong client secret",
        "The client secret of `onboarding` is rotated, and the operator pastes a wrong one. No pair is due for a week, so \
         nothing would fail until then. The next sweep sees that the secret has changed and tries it at Webex, by a refresh \
         with a token that was never issued. It names the app in its failures; the tokens that are stored keep working.",
    );
    let (app, org) = (&demo.onboarding, &demo.birch);
    let mut wrong = service_app_document(app, &[&demo.acorn.id]);
    wrong["client_secret"] = "pasted-by-mistake".into();
    store_app(demo, app, &wrong, "a wrong client_secret").await?;
    let report = sweep_once(demo, &json!({"sweep": {}})).await?;
    demo.check("the next sweep names the app and the reason", "invalid_client", code_about(&report, app.name));
    demo.check("status says so too", "wrong", &credentials(demo, app).await?);
    let reply = fetch_token(demo, app, org).await?;
    demo.check("callers still get their token", &200, &reply.status);
    store_app(demo, app, &service_app_document(app, &[&demo.acorn.id]), "the right client_secret").await?;
    sweep(demo, "the next sweep has no failure", &[("failing", 0)]).await?;
    demo.check("status says that Webex takes the credentials", "ok", &credentials(demo, app).await?);
    Ok(())
}

pub(super) async fn sweep_names_a_foreign_webhook(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "A sweep names a foreign address for the events",
        "Somebody starts a sweep with the webhook_url of another deployment. It would move all registrations there, and \
         this deployment would get no event any more. The sweep refuses the address and does the rest of its work; \
         `\"force\": true` would be needed.",
    );
    let before = registrations(demo);
    let report = sweep_once(demo, &json!({"sweep": {"webhook_url": "https://elsewhere.example"}})).await?;
    demo.check("the sweep names the address as refused", "invalid_request", code_about(&report, "webhook_url"));
    demo.check("the registrations still lead to this deployment", &before, &registrations(demo));
    let report = sweep_once(demo, &json!({"sweep": {"webhook_url": demo.functions.url}})).await?;
    demo.check("a sweep with the deployment's own address has no failure", "", code_about(&report, "webhook_url"));
    Ok(())
}

async fn store_app(demo: &Demo, app: &App, document: &Value, what: &str) -> anyhow::Result<()> {
    let name = format!("{PREFIX}apps/{}", app.name);
    demo.api.put_secret_value(&name, document).await?;
    demo.message("operator", "Secrets Manager", &format!("PutSecretValue {name}"), what);
    Ok(())
}

/// Sweeps with a request of its own, prints it, and returns the report.
async fn sweep_once(demo: &Demo, request: &Value) -> anyhow::Result<Value> {
    let mark = JournalMark::now(demo);
    let report = demo.api.refresher(request).await?;
    demo.message("operator", "refresher", &request.to_string(), "");
    mark.print(demo, None);
    for failure in report["failures"].as_array().into_iter().flatten() {
        let text = |field: &str| failure[field].as_str().unwrap_or_default();
        demo.terminal.item("failure:", format!("{} {}: {}", text("app"), text("code"), text("reason")));
    }
    Ok(report)
}

/// The code of the failure of `app` in the report of a sweep; empty if there is none.
fn code_about<'a>(report: &'a Value, app: &str) -> &'a str {
    let failures = report["failures"].as_array().map(Vec::as_slice).unwrap_or_default();
    match failures.iter().find(|failure| failure["app"] == app) {
        Some(failure) => failure["code"].as_str().unwrap_or_default(),
        None => "",
    }
}

/// What `status` says about the credentials of an app.
async fn credentials(demo: &Demo, app: &App) -> anyhow::Result<String> {
    let status = demo.api.refresher(&json!({"status": {"app": app.name}})).await?;
    Ok(status["apps"][0]["credentials"]["state"].as_str().unwrap_or_default().to_owned())
}

/// How many active registrations lead to this deployment.
fn registrations(demo: &Demo) -> usize {
    let webhooks = demo.webex().registered_webhooks();
    webhooks.iter().filter(|webhook| webhook.active && webhook.target_url.starts_with(&demo.functions.url)).count()
}
