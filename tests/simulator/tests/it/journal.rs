//! What is recorded, and what is kept out of sight.

use simulator::webex::Endpoint;

use crate::fixture::Fixture;

#[tokio::test]
async fn journal_records_requests_and_statuses() {
    let fixture = Fixture::authorized().await;
    let journal = fixture.simulator.webex.journal();
    let reply = fixture.mint().await;
    fixture.refresh(reply.text_of("refresh_token")).await;
    let entries = journal.entries();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].operation, Endpoint::Mint);
    assert_eq!(entries[0].path, format!("/v1{}", fixture.mint_path()));
    assert_eq!(entries[0].field("org"), Some(fixture.org.as_str()));
    assert_eq!(entries[0].status, Some(200));
    assert_eq!(Some(entries[0].tracking_id.as_str()), reply.header("trackingid"));
    assert_eq!(entries[1].field("grant_type"), Some("refresh_token"));
    assert_eq!((journal.refreshes(), journal.mints(&fixture.org)), (1, 1));
    journal.clear();
    assert_eq!(journal.total(), 0);
}

#[tokio::test]
async fn debug_and_journal_show_no_secret() {
    let fixture = Fixture::authorized().await;
    let webex = &fixture.simulator.webex;
    let pair = fixture.mint().await;
    fixture.refresh(pair.text_of("refresh_token")).await;
    fixture.register(&fixture.hook("ours", "authorized", "http://127.0.0.1:1/")).await;
    let seen = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        fixture.simulator,
        fixture.app,
        fixture.integration,
        fixture.owner,
        webex.registered_webhooks(),
        webex.journal().entries(),
    );
    for secret in [
        &fixture.app.client_secret,
        &fixture.integration.client_secret,
        &fixture.owner.access_token,
        &fixture.owner.refresh_token,
        pair.text_of("access_token"),
        pair.text_of("refresh_token"),
        "myBongoSecret",
    ] {
        assert!(!seen.contains(secret));
    }
}
