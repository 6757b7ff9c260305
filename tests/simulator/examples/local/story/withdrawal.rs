//! The end of a grant.

use super::{deliver, fetch_token, sweep};
use crate::demo::Demo;
use crate::environment::SETTLE_TIME;

pub(super) async fn customer_withdraws(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "A customer withdraws its authorisation",
        "Acorn withdraws its authorisation of `reports`. The refresher fences the grant at once: its token is no longer \
         vended. The stored tokens stay until a later sweep has asked Webex, because an event alone proves nothing.",
    );
    let (app, org) = (&demo.reports, &demo.acorn);
    let name = Demo::grant_secret(app, org);
    let event = demo.webex().deauthorize(&app.credentials, &org.id);
    let status = deliver(demo, app, &event, true).await;
    let actual = format!("{status}, {}", demo.grant_state(&name));
    demo.check("Acorn's grant is fenced", "202, fenced", &actual);
    wait_for_the_fence(demo).await;
    let reply = fetch_token(demo, app, org).await?;
    demo.check("vend returns no token", &410, &reply.status);
    let expected = [("retired", 1), ("minted", 0), ("failing", 0)];
    sweep(demo, "Webex answered 403, so the sweep retires one grant", &expected).await?;
    check_retired(demo, &name).await
}

async fn wait_for_the_fence(demo: &Demo) {
    demo.terminal.text(&format!(
        "(waiting {} s: vend may answer from memory for CACHE_TTL, and no sweep asks Webex before FENCE_SETTLE; in \
         production these are 60 s and 300 s)",
        SETTLE_TIME.as_secs()
    ));
    tokio::time::sleep(SETTLE_TIME).await;
}

async fn check_retired(demo: &Demo, name: &str) -> anyhow::Result<()> {
    let grant = demo.stored(name);
    let fields = ["access_token", "refresh_token"];
    let tokens = fields.iter().filter(|field| grant.get(**field).is_some()).count();
    let actual = format!("{}, {tokens} tokens", demo.grant_state(name));
    demo.check("the grant is revoked and holds no tokens", "revoked, 0 tokens", &actual);
    let scheduled = demo.secrets().is_scheduled_for_deletion(name);
    demo.check("its secret is scheduled for deletion", &true, &scheduled);
    let reply = fetch_token(demo, &demo.reports, &demo.acorn).await?;
    demo.check("callers get 410 Gone", &410, &reply.status);
    let reply = fetch_token(demo, &demo.onboarding, &demo.acorn).await?;
    demo.check("Acorn's grant for onboarding is not affected", &200, &reply.status);
    Ok(())
}
