//! The prober, which a deployment may have.

use serde_json::Value;
use simulator::webex::Endpoint;

use crate::demo::Demo;
use crate::journal_trace::JournalMark;

pub(super) async fn prober_asks_for_a_token_and_to_be_refused(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "The prober asks for a token, and to be refused",
        "In production a schedule starts the prober. It asks vend for one grant's token as a caller that may have it, and \
         Webex whether the token lives. Then it asks for the minter's token, which vend must give to nobody. On this \
         machine vend lets every caller in; a deployment must also refuse a request without a signature, and a role that \
         no policy permits.",
    );
    let (app, org) = (&demo.reports, &demo.birch);
    let grant = format!("{}/{}", app.name, org.id);
    let mark = JournalMark::now(demo);
    let answer = demo.api.prober(&grant).await?;
    demo.message("schedule", "prober", &format!("probe {grant}"), outcome(&answer));
    mark.print(demo, None);
    demo.check("vend gave a token, and Webex accepts it", "alive", answer["token"].as_str().unwrap_or_default());
    demo.check("Webex was asked once", &1, &mark.webex_calls(demo, Endpoint::TokenExpiry));
    let minter = answer["refusals"]["minter"].as_str().unwrap_or_default();
    demo.check("vend refused the minter's token", "refused", minter);
    let holds_token =
        answer.to_string().contains(demo.stored(&Demo::grant_secret(app, org))["access_token"].as_str().unwrap_or("?"));
    demo.check("the prober's answer holds no token", &false, &holds_token);
    Ok(())
}

fn outcome(answer: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("token {}, minter {}", text(&answer["token"]), text(&answer["refusals"]["minter"]))
}
