//! What goes wrong out there, and ends well.

use simulator::webex::{Change, Endpoint};

use super::act1_setting_up::service_app;
use super::{counted, fetch, told};
use crate::screen::Hop;
use crate::stage::{PREFIX, Stage, short};
use crate::trace::Mark;

/// The caller sees it first.
pub(super) async fn webex_rejects_a_token(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Webex rejects a token before its time",
        "Birch's token dies early, and a caller gets a 401 from Webex. It tells vend the SHA-256 of the token; if that is \
         still the current one, the refresher renews it, once, however many callers complain.",
    );
    let (app, org) = (&stage.onboarding, &stage.birch);
    let dead = fetch(stage, app, org, "").await?;
    let dead = dead.text("access_token").to_owned();
    let killed = stage.simulator.webex.kill(&dead);
    stage.screen.check(
        "the token is dead",
        true,
        killed && !stage.simulator.webex.is_alive(&dead),
    );
    let path = format!("{}/rejected", Stage::token_path(app, org));
    let mark = Mark::now(stage);
    for complaint in [
        "a first caller complains",
        "a second caller complains about the same token",
    ] {
        let reply = stage.calls.rejected(&path, &dead).await?;
        told(stage, &format!("POST {path}"), &reply);
        let alive = stage.simulator.webex.is_alive(reply.text("access_token"));
        let came = format!("{} alive {alive}", reply.status);
        stage.screen.check(
            &format!("{complaint} and gets one that lives"),
            "200 alive true".to_owned(),
            came,
        );
    }
    let renewals = mark.asked(stage, Endpoint::Refresh) + mark.asked(stage, Endpoint::Mint);
    stage.screen.check("two complaints, one renewal", 1, renewals);
    Ok(())
}

/// Webex is the truth, events are hints.
pub(super) async fn an_event_is_lost(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "An event gets lost",
        "Acorn authorises `onboarding` too, but Webex's event never arrives. The operator, who knows that Acorn is to \
         come, names it in the app's secret under `orgs`; every sweep looks at those whether or not anybody called.",
    );
    let (app, org) = (&stage.onboarding, &stage.acorn);
    let lost = stage.simulator.webex.authorize(&app.credentials, &org.id);
    let hop = Hop::new(
        "Webex",
        "webhook",
        format!("{} by {{Acorn}}", lost.change.name()),
        "never arrives",
    );
    stage.screen.hop(&hop);
    let reply = fetch(stage, app, org, "").await?;
    stage.screen.check("nobody knows of it yet", 404, reply.status);
    let name = format!("apps/{}", app.name);
    let document = service_app(app, &[&org.id]);
    stage
        .calls
        .put_secret_value(&format!("{PREFIX}{name}"), &document)
        .await?;
    let what = format!("PutSecretValue {name}");
    stage
        .screen
        .hop(&Hop::new("operator", "Secrets Manager", what, "orgs: {Acorn}"));
    let report = stage.sweep().await?;
    counted(stage, &report, &[("minted", 1), ("renewed", 0), ("failing", 0)]);
    let reply = fetch(stage, app, org, "").await?;
    stage.screen.check("the sweep has found it", 200, reply.status);
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
    let forged = stage
        .simulator
        .webex
        .event(Change::Deauthorized, &app.credentials, &org.id);
    let status = forged.signed("a guess").post(&url).await?;
    let what = format!("POST /webhooks/{}  \"{{Acorn}} has withdrawn\"", app.name);
    stage.screen.hop(&Hop::new("a forger", "webhook", what, status));
    stage.screen.check("the forgery is refused", 401, status);
    let replayed = stage
        .simulator
        .webex
        .event(Change::Authorized, &app.credentials, &org.id);
    let status = replayed.signed(&app.webhook_secret).post(&url).await?;
    let what = format!("POST /webhooks/{}  \"{{Acorn}} has authorised\", again", app.name);
    stage.screen.hop(&Hop::new("Webex", "webhook", what, status));
    mark.tell(stage, None);
    stage.screen.check("the replay is acknowledged", 202, status);
    let after = stage.version(&name);
    let told = format!("nothing was written: Acorn's version is still {}", short(&before));
    let unchanged = mark.writes(stage) == 0 && before == after;
    stage.screen.check(&told, true, unchanged);
    Ok(())
}
