//! What happens: one file an act, one function a step, in this order.

mod act1_setting_up;
mod act2_every_day;
mod act3_trouble;
mod act4_leaving;

use serde_json::Value;

use crate::calls::Reply;
use crate::screen::Hop;
use crate::stage::{App, Org, Stage, masked};

/// Plays all steps. An error means that the story cannot go on; what merely went otherwise is counted by the screen.
pub(crate) async fn tell(stage: &Stage) -> anyhow::Result<()> {
    act1_setting_up::the_operator_stores_what_the_portal_gave(stage).await?;
    act1_setting_up::the_minter_is_imported(stage).await?;
    act1_setting_up::the_first_sweep_registers_webhooks(stage).await?;
    act2_every_day::customers_authorise(stage).await?;
    act2_every_day::other_functions_fetch_tokens(stage).await?;
    act2_every_day::a_token_grows_old(stage).await?;
    act3_trouble::webex_rejects_a_token(stage).await?;
    act3_trouble::an_event_is_lost(stage).await?;
    act3_trouble::events_are_forged_and_replayed(stage).await?;
    act4_leaving::a_customer_leaves(stage).await
}

/// Another function asks vend for a token; prints question and answer.
async fn fetch(stage: &Stage, app: &App, org: &Org, query: &str) -> anyhow::Result<Reply> {
    let path = format!("{}{query}", Stage::token_path(app, org));
    let reply = stage.calls.vend(&path).await?;
    told(stage, &format!("GET {path}"), &reply);
    Ok(reply)
}

/// Prints what vend said.
fn told(stage: &Stage, what: &str, reply: &Reply) {
    let outcome = match reply.text("access_token") {
        "" => format!("{} {}", reply.status, reply.text("title")),
        token => format!("{} {}", reply.status, masked(token)),
    };
    stage
        .screen
        .hop(&Hop::new("a caller", "vend", stage.in_words(what), outcome));
}

/// Makes sure that a sweep did this often what it says.
fn counted(stage: &Stage, report: &Value, expected: &[(&str, u64)]) {
    let words = |count: &dyn Fn(&str, u64) -> u64| {
        let words: Vec<String> = expected
            .iter()
            .map(|&(name, n)| format!("{name} {}", count(name, n)))
            .collect();
        words.join(", ")
    };
    let wanted = words(&|_, n| n);
    let came = words(&|name, _| report[name].as_u64().unwrap_or(u64::MAX));
    stage
        .screen
        .check(&format!("the sweep's report says {wanted}"), wanted, came);
}
