//! What happens all the time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use simulator::webex::Endpoint;

use super::{counted, fetch, told};
use crate::screen::Hop;
use crate::stage::{App, Org, Stage, short, until};
use crate::trace::Mark;

/// What Clover's first access token lives, so that one need not wait for days.
const SHORT_LIFE: SignedDuration = SignedDuration::from_secs(12);

/// Three customers, two apps, four grants.
pub(super) async fn customers_authorise(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Three customers authorise the apps",
        "Acorn and Birch authorise `reports`, Birch and Clover `onboarding`, each in Webex's own admin pages. Webex posts \
         a signed event; webhook checks the signature and hands over; the refresher notes the customer as pending, asks \
         Webex for a pair, and stores it before anybody may use it. {Acorn} stands for that customer's org id.",
    );
    let mark = Mark::now(stage);
    authorise(stage, &stage.reports, &stage.acorn).await;
    mark.tell(stage, None);
    stage.screen.say("And so, without the details, for the other three:");
    authorise(stage, &stage.reports, &stage.birch).await;
    authorise(stage, &stage.onboarding, &stage.birch).await;
    let webex = &stage.simulator.webex;
    let (mut usual, mut refresh) = (SignedDuration::ZERO, SignedDuration::ZERO);
    webex.configure(|settings| (usual, refresh) = (settings.access_lifetime, settings.refresh_lifetime));
    webex.lifetimes(SHORT_LIFE, refresh);
    authorise(stage, &stage.onboarding, &stage.clover).await;
    webex.lifetimes(usual, refresh);
    stage.screen.say("What Secrets Manager holds now:");
    list(stage);
    Ok(())
}

async fn authorise(stage: &Stage, app: &App, org: &Org) {
    let delivered = stage
        .simulator
        .webex
        .authorize_and_deliver(&app.credentials, &org.id)
        .await;
    let statuses: Vec<String> = delivered
        .iter()
        .map(|delivery| {
            delivery
                .status
                .map_or_else(|| "no answer".to_owned(), |status| status.to_string())
        })
        .collect();
    let what = format!("POST /webhooks/{}  \"{{{}}} has authorised\"", app.name, org.name);
    stage
        .screen
        .hop(&Hop::new("Webex", "webhook", what, statuses.join(" ")));
    let told = format!(
        "{} authorised {}: acknowledged, and the pair is stored",
        org.name, app.name
    );
    let came = format!("{} {}", statuses.join(" "), stage.state(&Stage::grant(app, org)));
    stage.screen.check(&told, "202 active".to_owned(), came);
}

fn list(stage: &Stage) {
    for name in stage.simulator.secrets.names() {
        if !name.contains("grants/") {
            continue;
        }
        let grant = stage.stored(&name);
        let ends = until(&grant["access_token_expires_at"], stage.simulator.clock.now());
        let version = stage.version(&name);
        let about = format!(
            "{:<8} version {}, access token ends in {ends}",
            stage.state(&name),
            short(&version)
        );
        stage.screen.item(&format!("{:<28}", stage.in_words(&name)), about);
    }
}

/// The one thing that it is all for.
pub(super) async fn other_functions_fetch_tokens(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Other functions fetch access tokens over HTTP",
        "vend can read grants/* and nothing else. It gives out access tokens only, and keeps a record in memory for a \
         moment, so that most answers cost no call at all. (On AWS callers sign with IAM; here CALLERS=open lets all in.)",
    );
    let cold = Mark::now(stage);
    let reply = fetch(stage, &stage.reports, &stage.acorn, "").await?;
    cold.tell(stage, Some("vend"));
    stage.screen.check("Acorn's token was vended", 200, reply.status);
    let alive = stage.simulator.webex.is_alive(reply.text("access_token"));
    stage.screen.check("and Webex takes it", true, alive);
    let warm = Mark::now(stage);
    let reply = fetch(stage, &stage.reports, &stage.acorn, "").await?;
    let came = format!("{} with {} calls", reply.status, warm.calls_to_store(stage));
    stage.screen.check(
        "the second time it came from memory",
        "200 with 0 calls".to_owned(),
        came,
    );
    refused(stage).await
}

async fn refused(stage: &Stage) -> anyhow::Result<()> {
    let path = "/v1/apps/minter/grants/default/token";
    let reply = stage.calls.vend(path).await?;
    told(stage, &format!("GET {path}"), &reply);
    stage
        .screen
        .check("the minter's token is for nobody", 403, reply.status);
    let reply = fetch(stage, &stage.reports, &stage.clover, "").await?;
    stage.screen.check("Clover never authorised reports", 404, reply.status);
    Ok(())
}

/// Nobody notices.
pub(super) async fn a_token_grows_old(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "A token grows old",
        "A pair is due after half of its access token's life, days ahead: time enough to notice an outage. Clover's first \
         token was given 12 seconds instead of 14 days, so that we can watch.",
    );
    let name = Stage::grant(&stage.onboarding, &stage.clover);
    let before = stage.version(&name);
    grow_old(stage, &name).await;
    let mark = Mark::now(stage);
    let report = stage.sweep().await?;
    counted(
        stage,
        &report,
        &[("scanned", 5), ("renewed", 1), ("minted", 0), ("failing", 0)],
    );
    stage.screen.check(
        "exactly one pair was refreshed",
        1,
        mark.asked(stage, Endpoint::Refresh),
    );
    let after = stage.version(&name);
    let (old, new) = (short(&before), short(&after));
    stage
        .screen
        .check(&format!("Clover's version was {old} and is {new}"), true, old != new);
    let reply = fetch(stage, &stage.onboarding, &stage.clover, "").await?;
    stage.screen.check("Clover's new token is vended", 200, reply.status);
    Ok(())
}

/// Waits until more than half of its life is over.
async fn grow_old(stage: &Stage, name: &str) {
    let ends = stage.stored(name)["access_token_expires_at"]
        .as_str()
        .and_then(|at| at.parse::<Timestamp>().ok());
    let due = ends.map(|ends| ends - SHORT_LIFE / 2 + SignedDuration::from_millis(200));
    let wait = due
        .map(|due| due.duration_since(stage.simulator.clock.now()))
        .unwrap_or_default();
    let wait = Duration::try_from(wait).unwrap_or_default();
    if !wait.is_zero() {
        stage.screen.say(&format!(
            "(waiting {:.0} s for half of it to pass)",
            wait.as_secs_f32().ceil()
        ));
    }
    tokio::time::sleep(wait).await;
}
