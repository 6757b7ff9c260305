//! What goes wrong out there, and ends well.

use simulator::webex::{Change, Endpoint};

use super::act1_setting_up::service_app;
use super::{fetch, handed_over, news, sweep, told};
use crate::stage::{PREFIX, Stage, short};
use crate::trace::Mark;

/// The caller sees it first.
pub(super) async fn webex_rejects_a_token(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Webex rejects a token before its time",
        "Birch's token dies early, and a caller gets a 401 from Webex. It tells vend the SHA-256 of that token; if it is \
         still the current one, the refresher renews it, once, however many callers complain.",
    );
    let (app, org) = (&stage.onboarding, &stage.birch);
    let dead = fetch(stage, app, org).await?;
    let dead = dead.text("access_token");
    stage.webex().kill(dead);
    stage.check("Webex does not take it any more", &false, &stage.webex().is_alive(dead));
    let path = format!("{}/rejected", Stage::token_path(app, org));
    let mark = Mark::now(stage);
    for who in ["a first caller", "a second caller, with the same complaint,"] {
        let mark = Mark::now(stage);
        let reply = stage.calls.rejected(&path, dead).await?;
        told(stage, &format!("POST {path}"), &reply);
        if mark.asked(stage, Endpoint::Refresh) > 0 {
            stage.hop("vend", "refresher", &format!("renew {}/{}", app.name, org.id), "invoked, and waited for");
        }
        mark.tell(stage, None);
        let alive = stage.webex().is_alive(reply.text("access_token"));
        let came = format!("{}, alive: {alive}", reply.status);
        stage.check(&format!("{who} gets one that lives"), "200, alive: true", &came);
    }
    let renewals = mark.asked(stage, Endpoint::Refresh) + mark.asked(stage, Endpoint::Mint);
    stage.check("two complaints, one renewal", &1, &renewals);
    Ok(())
}

/// Webex is the truth, events are hints.
pub(super) async fn an_event_is_lost(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "An event gets lost",
        "Acorn authorises `onboarding` too, but Webex's event never arrives. The operator, who knows that Acorn is to \
         come, names it in the app's secret under `orgs`; every sweep looks at those, whether or not Webex called.",
    );
    let (app, org) = (&stage.onboarding, &stage.acorn);
    let lost = stage.webex().authorize(&app.credentials, &org.id);
    let what = format!("POST /webhooks/{}  {}", app.name, news(&lost));
    stage.hop("Webex", "webhook", &what, "never arrives");
    let reply = fetch(stage, app, org).await?;
    stage.check("we know nothing of it", &404, &reply.status);
    let name = format!("{PREFIX}apps/{}", app.name);
    stage.calls.put_secret_value(&name, &service_app(app, &[&org.id])).await?;
    let what = format!("PutSecretValue {name}");
    stage.hop("operator", "Secrets Manager", &what, "\"orgs\": [\"{Acorn}\"]");
    let expected = [("minted", 1), ("renewed", 0), ("failing", 0)];
    sweep(stage, "the sweep has found one new customer", &expected).await?;
    let reply = fetch(stage, app, org).await?;
    stage.check("Acorn's token is vended", &200, &reply.status);
    Ok(())
}

/// The door that everybody can reach.
pub(super) async fn events_are_forged_and_replayed(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Events are forged and replayed",
        "The webhook function's address is public. What is not signed with the app's webhook secret is refused before it \
         is even read. A genuine event that comes again is acknowledged, since it only means `go and look`, and changes \
         nothing.",
    );
    let (app, org) = (&stage.reports, &stage.acorn);
    let url = format!("{}/webhooks/{}", stage.functions.url, app.name);
    let name = Stage::grant(app, org);
    let before = stage.version(&name);
    let mark = Mark::now(stage);
    let forged = stage.webex().event(Change::Deauthorized, &app.credentials, &org.id);
    let status = forged.signed("a guess").post(&url).await?;
    stage.hop("a forger", "webhook", &format!("POST /webhooks/{}  {}", app.name, news(&forged)), status);
    stage.check("the forgery is refused", &401, &status);
    let replayed = stage.webex().event(Change::Authorized, &app.credentials, &org.id);
    let status = replayed.signed(&app.webhook_secret).post(&url).await?;
    stage.hop("Webex", "webhook", &format!("POST /webhooks/{}  {}", app.name, news(&replayed)), status);
    handed_over(stage, app, &replayed);
    mark.tell(stage, None);
    stage.check("the repetition is acknowledged", &202, &status);
    let told = format!("nothing was written: Acorn's version is still {}", short(&before));
    stage.check(&told, &true, &(mark.writes(stage) == 0 && before == stage.version(&name)));
    Ok(())
}
