//! The fleet: what needs a person, counts, filter, search and pages.

use serde_json::{Value, json};

use crate::console::{ORG, active, app, grant};
use crate::support::{TestBrowser, TestDeployment};

async fn page(deployment: &TestDeployment, query: &str) -> String {
    let page = TestBrowser::operator(deployment).await.get(deployment, &format!("/fleet{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

#[expect(clippy::needless_pass_by_value, reason = "a json literal reads best where it is passed")]
fn apps(reports: Value) -> Value {
    json!([app("minter", "integration", json!({"active": 1})), reports])
}

#[tokio::test]
async fn fleet_names_first_what_needs_a_human() {
    let deployment = TestDeployment::new().await;
    let mut reports =
        app("reports", "service_app", json!({"active": 9, "failing": 3, "unreadable": 1, "waiting_in_vain": 2}));
    reports["credentials"] = json!({"state": "wrong", "reason": "invalid_client"});
    reports["webhooks"] = json!({"state": "failing", "reason": "the URL is not reachable"});
    let ending = json!({"refresh_token_expires_at": "2026-11-25T12:00:00Z"});
    let grants = json!([grant("minter", "default", ending), active("reports", ORG)]);
    deployment.answer("status", &json!({"apps": apps(reports), "grants": grants})).await;
    let text = page(&deployment, "").await;
    let human = &text[text.find("Needs a person").unwrap()..text.find("Grants by app").unwrap()];
    for words in [
        "Webex refuses its client credentials: invalid_client",
        "its webhooks are not registered: the URL is not reachable",
        "3 grants cannot be renewed",
        "fleet?app=reports&#38;failing=1",
        "1 grant cannot be read",
        "2 grants cannot be confirmed at Webex",
        "fleet?app=reports&#38;waiting=1",
        "refresh token ends in 4 days",
    ] {
        assert!(human.contains(words), "{words}: {human}");
    }
    assert_eq!(deployment.received("status").await.len(), 1, "the minter is on the page");
}

#[tokio::test]
async fn fleet_in_order_says_so() {
    let deployment = TestDeployment::new().await;
    let grants = json!([active("minter", "default"), active("reports", ORG)]);
    let reports = app("reports", "service_app", json!({"active": 1}));
    deployment.answer("status", &json!({"apps": apps(reports), "grants": grants, "next": "reports/p2"})).await;
    let text = page(&deployment, "").await;
    for words in ["Nothing needs a person", "fleet/reports/ce861fba", "7 days left", "width=\"50\"", "in 24 hours"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.contains("href=\"./fleet?next=reports%2Fp2\""), "{text}");
}

#[tokio::test]
async fn fleet_that_no_sweep_has_counted_says_so() {
    let deployment = TestDeployment::new().await;
    let mut reports = app("reports", "service_app", Value::Null);
    reports.as_object_mut().unwrap().remove("counts");
    let grants = json!([active("minter", "default")]);
    deployment.answer("status", &json!({"apps": apps(reports), "grants": grants})).await;
    let text = page(&deployment, "").await;
    assert!(text.contains("No sweep has counted all grants yet") && !text.contains("Nothing needs"), "{text}");
}

#[tokio::test]
async fn fleet_asks_for_grants_that_end_soon() {
    let deployment = TestDeployment::new().await;
    let reports = app("reports", "service_app", json!({"active": 1}));
    deployment.answer("status", &json!({"apps": apps(reports), "grants": [active("reports", ORG)]})).await;
    let text = page(&deployment, "?ending=1").await;
    assert!(text.contains("name=\"ending\" value=\"1\" checked"), "{text}");
    assert_eq!(deployment.received("status").await[0]["status"], json!({"expiring_within": 259_200}));
}

#[tokio::test]
async fn fleet_without_a_minter_says_so() {
    let deployment = TestDeployment::new().await;
    let missing = json!({"error": {"code": "not_found", "detail": "no grant"}});
    deployment.answer_to(&json!({"status": {"subject": "default"}}), &missing).await;
    deployment.answer("status", &json!({"apps": [], "grants": []})).await;
    let text = page(&deployment, "").await;
    assert!(text.contains("there is no minter") && text.contains("There are no grants yet"), "{text}");
}

#[tokio::test]
async fn filters_go_to_the_refresher_and_stay_in_links() {
    let deployment = TestDeployment::new().await;
    let reports = app("reports", "service_app", json!({"active": 1}));
    let answer = json!({"apps": [reports], "grants": [active("reports", ORG)], "next": "reports/p2"});
    deployment.answer("status", &answer).await;
    let text = page(&deployment, "?app=reports&state=active&failing=1&q=&next=reports%2Fp1").await;
    let expected = json!({"status": {"app": "reports", "state": "active", "failing": true, "next": "reports/p1"}});
    assert_eq!(deployment.received("status").await, [expected]);
    assert!(text.contains("app=reports&#38;state=active&#38;failing=1&#38;next=reports%2Fp2"), "{text}");
    assert!(text.contains("<option value=\"active\" selected>") && text.contains("First page"), "{text}");
    let invalid = TestBrowser::operator(&deployment).await.get(&deployment, "/fleet?app=NO").await;
    assert_eq!(invalid.status, 400);
}

#[tokio::test]
async fn search_reads_page_after_page() {
    let deployment = TestDeployment::new().await;
    let last = json!({"apps": [], "grants": [active("admins", "ops-3"), active("admins", "other")]});
    deployment.answer_to(&json!({"status": {"next": "admins/p3"}}), &last).await;
    let second = json!({"apps": [], "grants": [active("admins", "ops-2")], "next": "admins/p3"});
    deployment.answer_to(&json!({"status": {"next": "admins/p2"}}), &second).await;
    let first =
        json!({"apps": [], "grants": [active("admins", "aops"), active("admins", "ops-1")], "next": "admins/p2"});
    deployment.answer("status", &first).await;
    let text = page(&deployment, "?q=OPS").await;
    for name in ["ops-1", "ops-2", "ops-3"] {
        assert!(text.contains(&format!("fleet/admins/{name}\"")), "{text}");
    }
    assert!(!text.contains("fleet/admins/aops") && !text.contains("fleet/admins/other"), "{text}");
    assert!(text.contains("3 of 5 grants match.") && !text.contains("Search on"), "{text}");
}

#[tokio::test]
async fn search_for_a_whole_organisation_asks_each_app_for_it() {
    let deployment = TestDeployment::new().await;
    let missing = json!({"error": {"code": "not_found", "detail": "no grant"}});
    deployment.answer_to(&json!({"status": {"app": "minter", "subject": ORG}}), &missing).await;
    let found = json!({"apps": [], "grants": [active("reports", ORG)]});
    deployment.answer_to(&json!({"status": {"app": "reports", "subject": ORG}}), &found).await;
    let reports = app("reports", "service_app", json!({}));
    deployment.answer("status", &json!({"apps": apps(reports), "grants": [], "next": "reports/p2"})).await;
    let text = page(&deployment, &format!("?q={}", ORG.to_uppercase())).await;
    assert!(text.contains(&format!("fleet/reports/{ORG}\"")), "{text}");
    assert_eq!(deployment.received("status").await.len(), 3);
}

#[tokio::test]
async fn waiting_filter_shows_grants_that_webex_does_not_confirm() {
    let deployment = TestDeployment::new().await;
    let waiting = |state: &str, code: Value| {
        json!({"app": "reports", "subject": format!("{state}-{}", code.is_null()),
        "state": state, "failing": false, "code": code})
    };
    let grants = json!([
        grant("reports", "failing", json!({"failing": true, "code": "http_503"})),
        waiting("pending", Value::Null),
        waiting("pending", json!("not_authorized")),
        waiting("fenced", json!("not_confirmed")),
    ]);
    let reports = app("reports", "service_app", json!({"pending": 2, "fenced": 1, "waiting_in_vain": 2}));
    deployment.answer("status", &json!({"apps": apps(reports), "grants": grants})).await;
    let text = page(&deployment, "?waiting=1").await;
    for shown in ["pending-false", "fenced-false", "2 of 4 grants match", "Not confirmed at Webex"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("pending-true") && !text.contains("reports/failing"), "{text}");
}
