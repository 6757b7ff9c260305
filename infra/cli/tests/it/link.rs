//! `wtb grant link`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use wtb::Exit;

use crate::machine::wtb;
use crate::stand_in::{StandIn, refusal};

async fn deployment() -> StandIn {
    let stand_in = StandIn::start().await;
    let apps = json!({ "apps": [
        { "app": "mobile", "kind": "integration", "redirect_uri": "https://consent.example/base/callback" },
        { "app": "broken", "kind": "integration", "redirect_uri": "callback" },
        { "app": "silent", "kind": "integration" },
    ] });
    stand_in.answers("apps", [apps]);
    stand_in.answers("make_link", [json!({ "link": "content.signature", "expires_at": "2026-11-27T12:00:00Z" })]);
    stand_in
}

#[tokio::test]
async fn link_shows_an_address_beside_the_redirect_uri() {
    let stand_in = deployment().await;
    let ran = wtb(&stand_in, "grant link mobile ada --scope spark:kms --scope spark:people_read").await;
    assert_eq!(ran.exit, Exit::Ok, "{}", ran.notes);
    let (address, words) = ran.out.split_once('\n').unwrap();
    let sealed = address.strip_prefix("https://consent.example/base/invited?link=").unwrap();
    assert!(!sealed.contains("content"), "the link is sealed: {sealed}");
    assert_snapshot!(words);
    let expected = json!({ "app": "mobile", "subject": "ada", "scope": "spark:kms spark:people_read" });
    assert_eq!(stand_in.bodies("make_link"), [expected]);
    let json = wtb(&stand_in, "grant link mobile ada --json").await;
    let document: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["expires_at"], "2026-11-27T12:00:00Z");
    assert_eq!(stand_in.bodies("make_link")[1], json!({ "app": "mobile", "subject": "ada" }));
}

#[tokio::test]
async fn link_needs_pages_and_a_redirect_uri() {
    let stand_in = deployment().await;
    for (app, code) in
        [("silent", "no_redirect_uri"), ("nobody", "no_redirect_uri"), ("broken", "invalid_redirect_uri")]
    {
        let ran = wtb(&stand_in, &format!("grant link {app} ada --json")).await;
        assert_eq!(ran.exit, Exit::Failed);
        assert!(ran.out.contains(code), "{app}: {}", ran.out);
    }
    stand_in.set(|state| state.variables.clear());
    let ran = wtb(&stand_in, "grant link mobile ada").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert_snapshot!("no_pages", ran.notes);
    let ran = wtb(&stand_in, "grant link mobile ada --function refresher").await;
    assert!(ran.notes.contains("--stack"), "{}", ran.notes);
}

#[tokio::test]
async fn link_for_a_healthy_grant_is_refused_in_words() {
    let stand_in = deployment().await;
    let detail = "the grant is active and its renewals work: a link is for one that fails or has ended";
    stand_in.answers("make_link", [refusal("invalid_request", detail)]);
    let ran = wtb(&stand_in, "grant link mobile ada").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains(detail), "{}", ran.notes);
}
