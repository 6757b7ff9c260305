//! What goes wrong in production, and how the broker recovers.

use simulator::webex::{Change, Endpoint};

use super::setup::service_app_document;
use super::{event_request, fetch_token, print_invocation, print_vend_reply, sweep};
use crate::demo::{Demo, PREFIX, short};
use crate::journal_trace::JournalMark;

pub(super) async fn webex_rejects_a_token(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "Webex rejects a token before it expires",
        "Webex revokes Birch's token, and a caller gets a 401. The caller reports the SHA-256 of the token to vend. If it \
         is still the current token, the refresher renews it once, however many callers report it.",
    );
    let (app, org) = (&demo.onboarding, &demo.birch);
    let reply = fetch_token(demo, app, org).await?;
    let revoked = reply.text("access_token");
    demo.webex().kill(revoked);
    demo.check("Webex no longer accepts the token", &false, &demo.webex().is_alive(revoked));
    let path = format!("{}/rejected", Demo::token_path(app, org));
    let mark = JournalMark::now(demo);
    for caller in ["the first caller", "a second caller that reports the same token"] {
        let mark = JournalMark::now(demo);
        let reply = demo.api.rejected(&path, revoked).await?;
        print_vend_reply(demo, &format!("POST {path}"), &reply);
        if mark.webex_calls(demo, Endpoint::Refresh) > 0 {
            let request = format!("renew {}/{}", app.name, org.id);
            demo.message("vend", "refresher", &request, "synchronous invocation");
        }
        mark.print(demo, None);
        let alive = demo.webex().is_alive(reply.text("access_token"));
        let actual = format!("{}, alive: {alive}", reply.status);
        demo.check(&format!("{caller} gets a live token"), "200, alive: true", &actual);
    }
    let renewals = mark.webex_calls(demo, Endpoint::Refresh) + mark.webex_calls(demo, Endpoint::Mint);
    demo.check("two reports caused one renewal", &1, &renewals);
    Ok(())
}

pub(super) async fn event_is_lost(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "An event is lost",
        "Acorn authorises `onboarding` too, but Webex's event never arrives. The operator knows that Acorn is to be \
         onboarded and adds its id to `orgs` in the app's secret. Every sweep checks those orgs, with or without an event.",
    );
    let (app, org) = (&demo.onboarding, &demo.acorn);
    let lost = demo.webex().authorize(&app.credentials, &org.id);
    demo.message("Webex", "webhook", &event_request(app, &lost), "lost");
    let reply = fetch_token(demo, app, org).await?;
    demo.check("the broker has no grant of Acorn for onboarding", &404, &reply.status);
    let name = format!("{PREFIX}apps/{}", app.name);
    demo.api.put_secret_value(&name, &service_app_document(app, &[&org.id])).await?;
    let request = format!("PutSecretValue {name}");
    demo.message("operator", "Secrets Manager", &request, "\"orgs\": [\"{Acorn}\"]");
    let expected = [("minted", 1), ("renewed", 0), ("failing", 0)];
    sweep(demo, "the sweep mints a pair for the new customer", &expected).await?;
    let reply = fetch_token(demo, app, org).await?;
    demo.check("vend returns Acorn's token", &200, &reply.status);
    Ok(())
}

pub(super) async fn event_is_forged_and_replayed(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "An event is forged, another is replayed",
        "The address of the webhook function is public. A request without a valid signature is refused before its body is \
         parsed. A genuine event that arrives again is acknowledged and changes nothing: an event only tells the \
         refresher to ask Webex.",
    );
    let (app, org) = (&demo.reports, &demo.acorn);
    let url = format!("{}/webhooks/{}", demo.functions.url, app.name);
    let name = Demo::grant_secret(app, org);
    let before = demo.current_version(&name);
    let mark = JournalMark::now(demo);
    let forged = demo.webex().event(Change::Deauthorized, &app.credentials, &org.id);
    let status = forged.signed("a guessed secret").post(&url).await?;
    demo.message("attacker", "webhook", &event_request(app, &forged), status);
    demo.check("the forged event is refused", &401, &status);
    let replayed = demo.webex().event(Change::Authorized, &app.credentials, &org.id);
    let status = replayed.signed(&app.webhook_secret).post(&url).await?;
    demo.message("Webex", "webhook", &event_request(app, &replayed), status);
    print_invocation(demo, app, &replayed);
    mark.print(demo, None);
    demo.check("the replayed event is acknowledged", &202, &status);
    let statement = format!("nothing was written: Acorn's grant still has version {}", short(&before));
    let is_unchanged = mark.secrets_writes(demo) == 0 && before == demo.current_version(&name);
    demo.check(&statement, &true, &is_unchanged);
    Ok(())
}
