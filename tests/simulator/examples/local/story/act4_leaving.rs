//! The end of a grant.

use super::{deliver, fetch, sweep};
use crate::functions::PATIENCE;
use crate::stage::Stage;

/// First the fence, then the question.
pub(super) async fn a_customer_leaves(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "A customer leaves",
        "Acorn withdraws its consent to `reports`. The refresher fences the grant at once: nothing is vended any more. \
         But an event is only a hint, so the tokens are kept until Webex has had time to settle and a sweep has asked it.",
    );
    let (app, org) = (&stage.reports, &stage.acorn);
    let name = Stage::grant(app, org);
    let event = stage.webex().deauthorize(&app.credentials, &org.id);
    let status = deliver(stage, app, &event, true).await;
    let came = format!("{status}, {}", stage.state(&name));
    stage.check("Acorn's grant is fenced", "202, fenced", &came);
    settle(stage).await;
    let reply = fetch(stage, app, org).await?;
    stage.check("nothing is vended", &410, &reply.status);
    let expected = [("retired", 1), ("minted", 0), ("failing", 0)];
    sweep(stage, "Webex said 403, so one grant is retired", &expected).await?;
    is_gone(stage, &name).await
}

async fn settle(stage: &Stage) {
    stage.screen.say(&format!(
        "(waiting {} s: so long vend may answer from memory, CACHE_TTL, and so long no sweep asks, FENCE_SETTLE; in \
         production these are 60 s and 300 s)",
        PATIENCE.as_secs()
    ));
    tokio::time::sleep(PATIENCE).await;
}

async fn is_gone(stage: &Stage, name: &str) -> anyhow::Result<()> {
    let grant = stage.stored(name);
    let fields = ["access_token", "refresh_token"];
    let tokens = fields.iter().filter(|field| grant.get(**field).is_some()).count();
    let came = format!("{}, {tokens} tokens", stage.state(name));
    stage.check("the grant is revoked and holds no tokens", "revoked, 0 tokens", &came);
    let scheduled = stage.secrets().is_scheduled_for_deletion(name);
    stage.check("its secret is scheduled for deletion", &true, &scheduled);
    let reply = fetch(stage, &stage.reports, &stage.acorn).await?;
    stage.check("callers are told that it is over", &410, &reply.status);
    let reply = fetch(stage, &stage.onboarding, &stage.acorn).await?;
    stage.check("Acorn's other app goes on", &200, &reply.status);
    Ok(())
}
