//! The story: one function a step, in this order.

mod data_sources;
mod everyday;
mod incidents;
mod mistakes;
mod probes;
mod setup;
mod withdrawal;

use serde_json::{Value, json};
use simulator::webex::{Change, Event};

use crate::api_client::Reply;
use crate::demo::{App, Demo, Org, masked};
use crate::journal_trace::JournalMark;

/// Plays all steps. A failed check is counted and the story goes on; an error means that it cannot go on.
pub(crate) async fn play(demo: &Demo) -> anyhow::Result<()> {
    setup::operator_stores_the_credentials(demo).await?;
    setup::developer_consents_to_the_minter(demo).await?;
    setup::first_sweep_registers_webhooks(demo).await?;
    everyday::customers_authorise_the_apps(demo).await?;
    everyday::functions_fetch_tokens(demo).await?;
    probes::prober_asks_for_a_token_and_to_be_refused(demo).await?;
    everyday::sweep_renews_a_token(demo).await?;
    data_sources::app_brings_a_data_source(demo).await?;
    incidents::webex_rejects_a_token(demo).await?;
    incidents::event_is_lost(demo).await?;
    incidents::event_is_forged_and_replayed(demo).await?;
    mistakes::operator_stores_a_wrong_client_secret(demo).await?;
    mistakes::sweep_names_a_foreign_webhook(demo).await?;
    withdrawal::customer_withdraws(demo).await
}

/// Delivers an event as Webex does and prints the delivery, with all calls that follow if `in_detail`. Returns the status
/// of the webhook function.
async fn deliver(demo: &Demo, app: &App, event: &Event, in_detail: bool) -> String {
    let mark = JournalMark::now(demo);
    let mut statuses = Vec::new();
    for delivery in demo.webex().deliver(event).await {
        match delivery.status {
            Some(status) => statuses.push(status.to_string()),
            None => statuses.push("no answer".to_owned()),
        }
    }
    let statuses = statuses.join(", ");
    demo.message("Webex", "webhook", &event_request(app, event), &statuses);
    if in_detail {
        if statuses == "202" {
            print_invocation(demo, app, event);
        }
        mark.print(demo, None);
    }
    statuses
}

/// Prints the invocation that a 202 of the webhook function promises. AWS queues it; `cargo lambda watch` runs it at once.
fn print_invocation(demo: &Demo, app: &App, event: &Event) {
    let command = match event.change {
        Change::Authorized => "reconcile",
        Change::Deauthorized => "fence",
    };
    let request = format!("{command} {}/{}", app.name, event.org);
    demo.message("webhook", "refresher", &request, "asynchronous invocation");
}

/// The delivery of an event, for the output.
fn event_request(app: &App, event: &Event) -> String {
    format!("POST /webhooks/{}  {} by {}", app.name, event.change.name(), event.org)
}

/// Fetches a token from vend, as another function would, and prints request and answer.
async fn fetch_token(demo: &Demo, app: &App, org: &Org) -> anyhow::Result<Reply> {
    let path = Demo::token_path(app, org);
    let reply = demo.api.vend(&path).await?;
    print_vend_reply(demo, &format!("GET {path}"), &reply);
    Ok(reply)
}

/// Prints a request to vend, with the masked token or the title of the problem that vend answered.
fn print_vend_reply(demo: &Demo, request: &str, reply: &Reply) {
    let answer = match reply.text("access_token") {
        "" => reply.text("title").to_owned(),
        token => masked(token),
    };
    demo.message("caller", "vend", request, format!("{} {answer}", reply.status));
}

/// Runs a sweep, as `EventBridge` Scheduler does without a configured input, and prints it. Checks that the report has the
/// `expected` counts.
async fn sweep(demo: &Demo, statement: &str, expected: &[(&str, u64)]) -> anyhow::Result<()> {
    let mark = JournalMark::now(demo);
    let event = json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": "{}",
    });
    let report = demo.api.refresher(&event).await?;
    demo.message("scheduler", "refresher", "a scheduled event, which starts a sweep", "");
    mark.print(demo, None);
    demo.terminal.item("report:", counts(&report));
    let expected_text: Vec<String> = expected.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let actual_text: Vec<String> = expected.iter().map(|(name, _)| format!("{name} {}", report[*name])).collect();
    demo.check(statement, &expected_text.join(", "), &actual_text.join(", "));
    Ok(())
}

/// The counts of a sweep's report, without those that are zero.
fn counts(report: &Value) -> String {
    let mut counts = Vec::new();
    for (name, value) in report.as_object().into_iter().flatten() {
        if value.as_u64().unwrap_or_default() > 0 {
            counts.push(format!("{name} {value}"));
        }
    }
    counts.join(", ")
}
