//! What happens all the time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use simulator::webex::Endpoint;

use super::{deliver, fetch, sweep, told};
use crate::stage::{App, Org, Stage, short, until};
use crate::trace::Mark;

/// What Clover's first access token lives, so that one need not wait for days.
const SHORT_LIFE: SignedDuration = SignedDuration::from_secs(12);

/// Three customers, two apps, four grants.
pub(super) async fn customers_authorise(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Three customers authorise the apps",
        "Acorn and Birch authorise `reports`, Birch and Clover `onboarding`, in Webex's own admin pages; {Acorn} stands \
         for the org id. Webex posts a signed event. webhook checks the signature and queues it for the refresher, which \
         first notes the customer as pending, then asks Webex for a pair and stores it before anybody may use it. A new \
         version becomes the current one only if nobody else has written since: compare and swap.",
    );
    authorise(stage, &stage.reports, &stage.acorn, true).await;
    stage.screen.say("The other three, without the details:");
    authorise(stage, &stage.reports, &stage.birch, false).await;
    authorise(stage, &stage.onboarding, &stage.birch, false).await;
    let (mut access, mut refresh) = (SignedDuration::ZERO, SignedDuration::ZERO);
    let webex = stage.webex();
    webex.configure(|settings| (access, refresh) = (settings.access_lifetime, settings.refresh_lifetime));
    webex.lifetimes(SHORT_LIFE, refresh);
    authorise(stage, &stage.onboarding, &stage.clover, false).await;
    webex.lifetimes(access, refresh);
    stage.screen.say("What Secrets Manager holds now:");
    list(stage);
    Ok(())
}

async fn authorise(stage: &Stage, app: &App, org: &Org, in_detail: bool) {
    let event = stage.webex().authorize(&app.credentials, &org.id);
    let status = deliver(stage, app, &event, in_detail).await;
    let came = format!("{status}, {}", stage.state(&Stage::grant(app, org)));
    let told = format!("{}'s pair for {} is stored", org.name, app.name);
    stage.check(&told, "202, active", &came);
}

fn list(stage: &Stage) {
    let names = stage.secrets().names();
    for name in names.iter().filter(|name| name.contains("grants/")) {
        let ends = until(&stage.stored(name)["access_token_expires_at"], stage.simulator.clock.now());
        let (standing, version) = (stage.state(name), stage.version(name));
        let about = format!("{standing}, version {}, access token lives for {ends}", short(&version));
        stage.screen.item(&format!("{:<28}", stage.in_words(name)), about);
    }
}

/// The one thing that it is all for.
pub(super) async fn other_functions_fetch_tokens(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "Other functions fetch access tokens over HTTP",
        "vend can read grants/* and nothing else, and gives out access tokens only. It keeps a record in memory for a \
         moment, so that most answers cost no call at all. On AWS callers sign with IAM; here all are let in.",
    );
    let mark = Mark::now(stage);
    let reply = fetch(stage, &stage.reports, &stage.acorn).await?;
    mark.tell(stage, Some("vend"));
    stage.check("Acorn's token is vended", &200, &reply.status);
    let alive = stage.webex().is_alive(reply.text("access_token"));
    stage.check("and Webex takes it", &true, &alive);
    let mark = Mark::now(stage);
    let reply = fetch(stage, &stage.reports, &stage.acorn).await?;
    let came = format!("{} with {} calls", reply.status, mark.calls_to_store(stage));
    stage.check("again, this time from memory", "200 with 0 calls", &came);
    let path = "/v1/apps/minter/grants/default/token";
    let reply = stage.calls.vend(path).await?;
    told(stage, &format!("GET {path}"), &reply);
    stage.check("the minter's token is for nobody", &403, &reply.status);
    let reply = fetch(stage, &stage.reports, &stage.clover).await?;
    stage.check("Clover has never authorised reports", &404, &reply.status);
    Ok(())
}

/// Nobody notices.
pub(super) async fn a_token_grows_old(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "A token grows old",
        "A pair is due after half of its access token's life, a week ahead: time enough to notice an outage. Clover's \
         first token was given 12 seconds instead of 14 days, so that we can watch. Before the sweep spends a refresh \
         token, it makes sure that it could store the new pair.",
    );
    let name = Stage::grant(&stage.onboarding, &stage.clover);
    let before = stage.version(&name);
    grow_old(stage, &name).await;
    let mark = Mark::now(stage);
    let expected = [("scanned", 5), ("renewed", 1), ("skipped", 4), ("failing", 0)];
    sweep(stage, "one of five was due and is renewed", &expected).await?;
    stage.check("Webex was asked for exactly one", &1, &mark.asked(stage, Endpoint::Refresh));
    let after = stage.version(&name);
    let told = format!("Clover's version was {} and is {}", short(&before), short(&after));
    stage.check(&told, &true, &(before != after));
    let reply = fetch(stage, &stage.onboarding, &stage.clover).await?;
    stage.check("the new token is vended", &200, &reply.status);
    Ok(())
}

/// Waits until more than half of its life is over.
async fn grow_old(stage: &Stage, name: &str) {
    let grant = stage.stored(name);
    let ends: Option<Timestamp> = grant["access_token_expires_at"].as_str().and_then(|at| at.parse().ok());
    let due = ends.map(|ends| ends - SHORT_LIFE / 2 + SignedDuration::from_millis(200));
    let wait = due.map(|due| due.duration_since(stage.simulator.clock.now()));
    let wait = Duration::try_from(wait.unwrap_or_default()).unwrap_or_default();
    if !wait.is_zero() {
        stage.screen.say(&format!("(waiting {:.0} s until half of it is over)", wait.as_secs_f32().ceil()));
    }
    tokio::time::sleep(wait).await;
}
