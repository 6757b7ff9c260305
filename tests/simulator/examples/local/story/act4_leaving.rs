//! The end of a grant.

use super::{counted, fetch};
use crate::functions::PATIENCE;
use crate::screen::Hop;
use crate::stage::Stage;
use crate::trace::Mark;

/// First the fence, then the question.
pub(super) async fn a_customer_leaves(stage: &Stage) -> anyhow::Result<()> {
    stage.screen.step(
        "A customer leaves",
        "Acorn withdraws its consent to `reports`. The refresher fences the grant at once, so that nothing is vended any \
         more, and keeps the tokens: an event is only a hint. When Webex has had time to settle, a sweep asks it.",
    );
    let (app, org) = (&stage.reports, &stage.acorn);
    let name = Stage::grant(app, org);
    let mark = Mark::now(stage);
    let delivered = stage
        .simulator
        .webex
        .deauthorize_and_deliver(&app.credentials, &org.id)
        .await;
    let status = delivered
        .first()
        .and_then(|delivery| delivery.status)
        .unwrap_or_default();
    let what = format!("POST /webhooks/{}  \"{{Acorn}} has withdrawn\"", app.name);
    stage.screen.hop(&Hop::new("Webex", "webhook", what, status));
    mark.tell(stage, None);
    let came = format!("{status} {}", stage.state(&name));
    stage
        .screen
        .check("acknowledged, and fenced", "202 fenced".to_owned(), came);
    settle(stage).await;
    let reply = fetch(stage, app, org, "").await?;
    stage.screen.check("nothing is vended", 410, reply.status);
    asked_and_revoked(stage, &name).await
}

async fn settle(stage: &Stage) {
    stage.screen.say(&format!(
        "(waiting {} s: that long vend may answer from memory, and that long no sweep asks; here both are short, \
         usually CACHE_TTL is 60 s and FENCE_SETTLE 300 s)",
        PATIENCE.as_secs()
    ));
    tokio::time::sleep(PATIENCE).await;
}

async fn asked_and_revoked(stage: &Stage, name: &str) -> anyhow::Result<()> {
    let report = stage.sweep().await?;
    counted(stage, &report, &[("retired", 1), ("minted", 0), ("failing", 0)]);
    let grant = stage.stored(name);
    let tokens = ["access_token", "refresh_token"]
        .iter()
        .any(|field| grant.get(field).is_some());
    let came = format!("{} tokens {tokens}", stage.state(name));
    stage.screen.check(
        "the grant is revoked and holds no tokens",
        "revoked tokens false".to_owned(),
        came,
    );
    let scheduled = stage.simulator.secrets.is_scheduled_for_deletion(name);
    stage
        .screen
        .check("its secret is scheduled for deletion", true, scheduled);
    let reply = fetch(stage, &stage.reports, &stage.acorn, "").await?;
    stage.screen.check("gone for callers", 410, reply.status);
    let reply = fetch(stage, &stage.onboarding, &stage.acorn, "").await?;
    stage.screen.check("Acorn's other app is untouched", 200, reply.status);
    Ok(())
}
