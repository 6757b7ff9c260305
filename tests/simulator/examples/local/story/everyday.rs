//! What happens every day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use simulator::webex::Endpoint;

use super::{deliver, fetch_token, print_vend_reply, sweep};
use crate::demo::{App, Demo, Org, short, time_until};
use crate::journal_trace::JournalMark;

/// The lifetime of Clover's first access token, short enough to wait for.
const SHORT_LIFETIME: SignedDuration = SignedDuration::from_secs(12);

pub(super) async fn customers_authorise_the_apps(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "Three customers authorise the apps",
        "Acorn and Birch authorise `reports`, Birch and Clover `onboarding`, in Webex's admin pages. {Acorn} stands for \
         the org's id. Webex posts a signed event. webhook checks the signature and invokes the refresher, which first \
         records the customer as pending, then mints a pair at Webex, and stores it before anything may use it. A new \
         version becomes current only if nothing else has been written since (compare and swap).",
    );
    authorise(demo, &demo.reports, &demo.acorn, true).await;
    demo.terminal.text("The other three, without details:");
    authorise(demo, &demo.reports, &demo.birch, false).await;
    authorise(demo, &demo.onboarding, &demo.birch, false).await;
    authorise_for_a_short_time(demo, &demo.onboarding, &demo.clover).await;
    demo.terminal.text("Secrets Manager now holds these grants:");
    list_grants(demo);
    Ok(())
}

async fn authorise(demo: &Demo, app: &App, org: &Org, in_detail: bool) {
    let event = demo.webex().authorize(&app.credentials, &org.id);
    let status = deliver(demo, app, &event, in_detail).await;
    let actual = format!("{status}, {}", demo.grant_state(&Demo::grant_secret(app, org)));
    let statement = format!("{}'s pair for {} is stored", org.name, app.name);
    demo.check(&statement, "202, active", &actual);
}

/// Authorises while Webex issues access tokens of [`SHORT_LIFETIME`].
async fn authorise_for_a_short_time(demo: &Demo, app: &App, org: &Org) {
    let webex = demo.webex();
    let mut usual = None;
    webex.configure(|settings| {
        usual = Some(settings.access_lifetime);
        settings.access_lifetime = SHORT_LIFETIME;
    });
    authorise(demo, app, org, false).await;
    if let Some(usual) = usual {
        webex.configure(|settings| settings.access_lifetime = usual);
    }
}

fn list_grants(demo: &Demo) {
    let names = demo.secrets().names();
    for name in names.iter().filter(|name| name.contains("grants/")) {
        let remaining = time_until(&demo.stored(name)["access_token_expires_at"], demo.simulator.clock.now());
        let version = demo.current_version(name);
        let text =
            format!("{}, version {}, access token expires in {remaining}", demo.grant_state(name), short(&version));
        demo.terminal.item(&format!("{:<28}", demo.with_names(name)), text);
    }
}

pub(super) async fn functions_fetch_tokens(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "Other functions fetch access tokens over HTTP",
        "vend can read grants/* and nothing else, and returns access tokens only. It holds records in memory for a short \
         time, so that most answers need no call to Secrets Manager. On AWS callers sign their requests with IAM; here \
         every caller is allowed.",
    );
    let mark = JournalMark::now(demo);
    let reply = fetch_token(demo, &demo.reports, &demo.acorn).await?;
    mark.print(demo, Some("vend"));
    demo.check("vend returns Acorn's token", &200, &reply.status);
    let alive = demo.webex().is_alive(reply.text("access_token"));
    demo.check("Webex accepts the token", &true, &alive);
    let mark = JournalMark::now(demo);
    let reply = fetch_token(demo, &demo.reports, &demo.acorn).await?;
    let actual = format!("{} with {} calls", reply.status, mark.secrets_calls(demo));
    demo.check("a second request is answered from memory", "200 with 0 calls", &actual);
    let path = "/v1/apps/minter/grants/default/token";
    let reply = demo.api.vend(path).await?;
    print_vend_reply(demo, &format!("GET {path}"), &reply);
    demo.check("the minter's token is never vended", &403, &reply.status);
    let reply = fetch_token(demo, &demo.reports, &demo.clover).await?;
    demo.check("there is no grant of Clover for reports", &404, &reply.status);
    Ok(())
}

pub(super) async fn sweep_renews_a_token(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "A sweep renews a token that is due",
        "A pair is due after half of its access token's lifetime, a week before it expires, so that an outage of several \
         days does no harm. Clover's first token lives for 12 seconds instead of 14 days, so that you can watch. Before \
         the sweep uses a refresh token, it tests that Secrets Manager accepts writes, since the new pair must be stored.",
    );
    let name = Demo::grant_secret(&demo.onboarding, &demo.clover);
    let before = demo.current_version(&name);
    wait_until_due(demo, &name).await;
    let mark = JournalMark::now(demo);
    let expected = [("scanned", 5), ("renewed", 1), ("skipped", 4), ("failing", 0)];
    sweep(demo, "one of five grants was due and is renewed", &expected).await?;
    demo.check("Webex received exactly one refresh", &1, &mark.webex_calls(demo, Endpoint::Refresh));
    let after = demo.current_version(&name);
    let statement = format!("Clover's grant changed from version {} to {}", short(&before), short(&after));
    demo.check(&statement, &true, &(before != after));
    let reply = fetch_token(demo, &demo.onboarding, &demo.clover).await?;
    demo.check("vend returns the new token", &200, &reply.status);
    Ok(())
}

/// Waits until more than half of the access token's lifetime is over.
async fn wait_until_due(demo: &Demo, name: &str) {
    let grant = demo.stored(name);
    let expires = grant["access_token_expires_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let Some(expires) = expires else {
        return;
    };
    let due = expires - SHORT_LIFETIME / 2 + SignedDuration::from_millis(200);
    let wait = due.duration_since(demo.simulator.clock.now());
    let wait = Duration::try_from(wait).unwrap_or_default();
    if !wait.is_zero() {
        let seconds = wait.as_secs_f32().ceil();
        demo.terminal.text(&format!("(waiting {seconds:.0} s until half of the lifetime is over)"));
    }
    tokio::time::sleep(wait).await;
}
