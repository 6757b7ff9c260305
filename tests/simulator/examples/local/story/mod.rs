//! What happens: one file an act, one function a step, in this order.

mod act1_setting_up;
mod act2_every_day;
mod act3_trouble;
mod act4_leaving;

use serde_json::{Value, json};
use simulator::webex::{Change, Event};

use crate::calls::Reply;
use crate::stage::{App, Org, Stage, masked};
use crate::trace::Mark;

/// Plays all steps. An error means that the story cannot go on; what merely went otherwise is counted by the screen.
pub(crate) async fn tell(stage: &Stage) -> anyhow::Result<()> {
    act1_setting_up::the_operator_stores_what_the_portal_gave(stage).await?;
    act1_setting_up::the_minter_is_consented_to(stage).await?;
    act1_setting_up::the_first_sweep_registers_webhooks(stage).await?;
    act2_every_day::customers_authorise(stage).await?;
    act2_every_day::other_functions_fetch_tokens(stage).await?;
    act2_every_day::a_token_grows_old(stage).await?;
    act3_trouble::webex_rejects_a_token(stage).await?;
    act3_trouble::an_event_is_lost(stage).await?;
    act3_trouble::events_are_forged_and_replayed(stage).await?;
    act4_leaving::a_customer_leaves(stage).await
}

/// Webex posts an event to whoever has registered. Prints the way of the news, with all that came of it if wanted, and
/// gives the status answered.
async fn deliver(stage: &Stage, app: &App, event: &Event, in_detail: bool) -> String {
    let mark = Mark::now(stage);
    let delivered = stage.webex().deliver(event).await;
    let status = |status: Option<u16>| status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let statuses: Vec<String> = delivered.iter().map(|delivery| status(delivery.status)).collect();
    let statuses = statuses.join(", ");
    let what = format!("POST /webhooks/{}  {}", app.name, news(event));
    stage.hop("Webex", "webhook", &what, &statuses);
    if in_detail {
        if statuses == "202" {
            handed_over(stage, app, event);
        }
        mark.tell(stage, None);
    }
    statuses
}

/// What webhook's 202 says: Lambda's queue has taken the event for the refresher. (`cargo lambda watch` has no queue and
/// runs it at once.)
fn handed_over(stage: &Stage, app: &App, event: &Event) {
    let order = match event.change {
        Change::Authorized => "reconcile",
        Change::Deauthorized => "fence",
    };
    stage.hop("webhook", "refresher", &format!("{order} {}/{}", app.name, event.org), "invoked, not waited for");
}

/// An event in words.
fn news(event: &Event) -> String {
    match event.change {
        Change::Authorized => format!("\"{} has authorised\"", event.org),
        Change::Deauthorized => format!("\"{} has withdrawn\"", event.org),
    }
}

/// Another function asks vend for a token; prints question and answer.
async fn fetch(stage: &Stage, app: &App, org: &Org) -> anyhow::Result<Reply> {
    let path = Stage::token_path(app, org);
    let reply = stage.calls.vend(&path).await?;
    told(stage, &format!("GET {path}"), &reply);
    Ok(reply)
}

/// Prints what vend said.
fn told(stage: &Stage, what: &str, reply: &Reply) {
    let said = match reply.text("access_token") {
        "" => reply.text("title").to_owned(),
        token => masked(token),
    };
    stage.hop("a caller", "vend", what, format!("{} {said}", reply.status));
}

/// Invokes the refresher as `EventBridge` Scheduler does where no input is configured; tells what the round did, and
/// makes sure that its report counts `expected`.
async fn sweep(stage: &Stage, meaning: &str, expected: &[(&str, u64)]) -> anyhow::Result<()> {
    let mark = Mark::now(stage);
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
    let report = stage.calls.refresher(&event).await?;
    stage.hop("scheduler", "refresher", "a scheduled event, which means: sweep", "");
    mark.tell(stage, None);
    stage.screen.item("its report:", counts(&report));
    let count = |name: &str| report[name].as_u64().map_or_else(|| "none".to_owned(), |n| n.to_string());
    let wanted: Vec<String> = expected.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let came: Vec<String> = expected.iter().map(|(name, _)| format!("{name} {}", count(name))).collect();
    stage.check(meaning, &wanted.join(", "), &came.join(", "));
    Ok(())
}

/// What a sweep's report counts, as far as it is not nothing.
fn counts(report: &Value) -> String {
    let fields = report.as_object().into_iter().flatten();
    let counted = fields.filter(|(_, value)| value.as_u64().is_some_and(|n| n > 0));
    let counted: Vec<String> = counted.map(|(name, value)| format!("{name} {value}")).collect();
    counted.join(", ")
}
