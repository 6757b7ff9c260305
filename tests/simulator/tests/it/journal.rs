//! What is recorded, and what is kept out of sight.

use simulator::webex::Endpoint;

use crate::harness::Stage;

#[tokio::test]
async fn the_journal_tells_what_was_asked_and_answered() {
    let stage = Stage::authorized().await;
    let journal = stage.simulator.webex.journal();
    let reply = stage.mint().await;
    stage.refresh(reply.text_of("refresh_token")).await;
    let entries = journal.entries();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].operation, Endpoint::Mint);
    assert_eq!(entries[0].path, format!("/v1{}", stage.mint_path()));
    assert_eq!(entries[0].field("org"), Some(stage.org.as_str()));
    assert_eq!(entries[0].status, Some(200));
    assert_eq!(Some(entries[0].tracking_id.as_str()), reply.header("trackingid"));
    assert_eq!(entries[1].field("grant_type"), Some("refresh_token"));
    assert_eq!((journal.refreshes(), journal.mints(&stage.org)), (1, 1));
    journal.clear();
    assert_eq!(journal.total(), 0);
}

#[tokio::test]
async fn no_secret_shows_in_debug_or_journal() {
    let stage = Stage::authorized().await;
    let webex = &stage.simulator.webex;
    let pair = stage.mint().await;
    stage.refresh(pair.text_of("refresh_token")).await;
    stage.register(&stage.hook("ours", "authorized", "http://127.0.0.1:1/")).await;
    let seen = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        stage.simulator,
        stage.app,
        stage.integration,
        stage.owner,
        webex.registered_webhooks(),
        webex.journal().entries(),
    );
    for secret in [
        &stage.app.client_secret,
        &stage.integration.client_secret,
        &stage.owner.access_token,
        &stage.owner.refresh_token,
        pair.text_of("access_token"),
        pair.text_of("refresh_token"),
        "myBongoSecret",
    ] {
        assert!(!seen.contains(secret));
    }
}
