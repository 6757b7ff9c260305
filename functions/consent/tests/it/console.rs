//! What the refresher says in the tests of the console, and the pages beside fleet and acts.

use serde_json::{Value, json};

use crate::support::{TestBrowser, TestDeployment};

pub(crate) const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// An active grant with half of its access token's life left.
pub(crate) fn active(app: &str, subject: &str) -> Value {
    json!({"app": app, "subject": subject, "state": "active", "failing": false,
        "renewed_at": "2026-11-14T12:00:00Z", "access_token_expires_at": "2026-11-28T12:00:00Z",
        "refresh_token_expires_at": "2027-02-12T12:00:00Z", "due_at": "2026-11-22T12:00:00Z"})
}

/// A grant with these fields in place of those of an active one.
#[expect(clippy::needless_pass_by_value, reason = "a json literal reads best where it is passed")]
pub(crate) fn grant(app: &str, subject: &str, fields: Value) -> Value {
    let mut grant = active(app, subject);
    for (name, value) in fields.as_object().unwrap() {
        grant[name] = value.clone();
    }
    grant
}

#[expect(clippy::needless_pass_by_value, reason = "a json literal reads best where it is passed")]
pub(crate) fn app(name: &str, kind: &str, counts: Value) -> Value {
    json!({"app": name, "kind": kind, "client_id": format!("C{name}"), "counts": counts, "problems": [],
        "webhooks": {"state": "registered"}, "credentials": {"state": "ok", "checked_at": "2026-11-21T11:00:00Z"},
        "live_tokens": 12, "last_sweep_at": "2026-11-21T11:00:00Z"})
}

/// A deployment whose refresher knows one grant.
pub(crate) async fn with_grant(kind: &str, grant: Value) -> TestDeployment {
    let deployment = TestDeployment::new().await;
    let name = grant["app"].as_str().unwrap().to_owned();
    deployment.answer("status", &json!({"apps": [app(&name, kind, json!({}))], "grants": [grant]})).await;
    deployment
}

#[tokio::test]
async fn grant_page_shows_clocks_reason_and_history() {
    let history = json!([
        {"at": "2026-11-14T12:00:00Z", "what": "minted", "by": "event"},
        {"at": "2026-11-20T12:00:00Z", "what": "failing", "by": "sweep", "code": "http_503", "tracking_id": "ROUTERGW_7"},
    ]);
    let failing = json!({"failing": true, "reason": "Webex failed; each sweep tries again", "code": "http_503",
        "tracking_id": "ROUTERGW_7", "since": "2026-11-20T12:00:00Z", "attempts": 3, "history": history});
    let deployment = with_grant("service_app", grant("reports", ORG, failing)).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, &format!("/fleet/reports/{ORG}")).await;
    assert_eq!(page.status, 200);
    for words in [
        ORG,
        "Failing",
        "Webex failed; each sweep tries again",
        "ROUTERGW_7",
        "Access token: 50 % of its life left",
        "Refresh token: 92 % of its life left",
        "28 November 2026, 12:00 UTC",
        "A renewal failed",
        "A token pair was minted",
        "by event",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let failed = page.text.find("A renewal failed").unwrap();
    assert!(failed < page.text.find("A token pair was minted").unwrap(), "newest first");
    assert!(!page.text.contains("Consent again"), "an organisation's grant");
    let asked = deployment.received("status").await;
    assert_eq!(asked[0]["status"], json!({"app": "reports", "subject": ORG}));
}

#[tokio::test]
async fn grant_page_says_when_callers_get_no_token_any_more() {
    for (ends, failing, words) in [
        ("2026-11-28T12:00:00Z", false, "Callers get its token, and the broker renews it."),
        ("2026-11-28T12:00:00Z", true, "Callers get its token while the token lives."),
        ("2026-11-20T12:00:00Z", true, "The access token has ended, so callers get none."),
        ("2026-11-20T12:00:00Z", false, "The access token has ended, so callers get none."),
    ] {
        let fields = json!({"failing": failing, "access_token_expires_at": ends});
        let deployment = with_grant("service_app", grant("reports", ORG, fields)).await;
        let page = TestBrowser::operator(&deployment).await.get(&deployment, &format!("/fleet/reports/{ORG}")).await;
        assert!(page.text.contains(words), "{ends}, failing {failing}: {}", page.text);
    }
}

#[tokio::test]
async fn grant_page_offers_what_the_state_allows() {
    let table = [
        (json!({}), vec!["verify", "renew"], vec!["remove", "block"], vec!["restore", "unblock"]),
        (json!({"state": "fenced"}), vec!["verify", "restore"], vec!["remove", "block"], vec!["renew", "unblock"]),
        (json!({"state": "revoked"}), vec!["restore"], vec!["block"], vec!["unblock", "renew"]),
        (json!({"state": "revoked", "blocked": true}), vec!["unblock"], vec![], vec!["restore", "renew"]),
    ];
    for (fields, now, confirmed, never) in table {
        let deployment = with_grant("integration", grant("admins", "ops", fields.clone())).await;
        let page = TestBrowser::operator(&deployment).await.get(&deployment, "/fleet/admins/ops").await.text;
        for act in now {
            assert!(
                page.contains(&format!("method=\"post\" action=\"../../fleet/admins/ops/{act}\"")),
                "{fields} {act}"
            );
        }
        for act in &confirmed {
            assert!(page.contains(&format!("name=\"act\" value=\"{act}\"")), "{fields} {act}");
            assert!(!page.contains(&format!("action=\"../../fleet/admins/ops/{act}\"")), "{act} unconfirmed");
        }
        for act in never {
            assert!(!page.contains(&format!("ops/{act}\"")), "{fields} {act}");
        }
        assert!(page.contains("Consent again") && page.contains("../../?app=admins&#38;subject=ops"), "{page}");
    }
}

#[tokio::test]
async fn apps_page_shows_registrations_credentials_and_problems() {
    let deployment = TestDeployment::new().await;
    let mut broken = app("reports", "service_app", json!({"active": 7, "failing": 2}));
    broken["webhooks"] = json!({"state": "failing", "reason": "Webex refused the registration"});
    broken["credentials"] = json!({"state": "wrong", "reason": "invalid_client"});
    broken["problems"] = json!(["unknown field org, did you mean orgs?"]);
    let minter = app("minter", "integration", json!({"active": 1}));
    deployment.answer("status", &json!({"apps": [minter, broken], "grants": []})).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, "/apps").await;
    for words in [
        "Creports",
        "Service App",
        "Webex refused the registration",
        "Refused by Webex",
        "invalid_client",
        "did you mean orgs?",
        "7 active",
        "2 failing",
        "Accepted by Webex",
        "mints tokens",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}

#[tokio::test]
async fn minter_page_says_how_to_replace_it() {
    let deployment = with_grant("integration", active("minter", "default")).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, "/minter").await.text;
    assert!(page.contains("./?app=minter&#38;subject=default&#38;select=minter"), "{page}");
    assert!(page.contains("Replace it") && !page.contains("Replace it:"), "{page}");

    let ending = json!({"refresh_token_expires_at": "2026-11-25T12:00:00Z"});
    let deployment = with_grant("integration", grant("minter", "default", ending)).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, "/minter").await.text;
    assert!(page.contains("the minter&#39;s refresh token ends in 4 days"), "{page}");

    let personal = json!({"refresh_token_expires_at": null, "access_token_expires_at": "2026-11-21T20:00:00Z"});
    let deployment = with_grant("integration", grant("minter", "default", personal)).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, "/minter").await.text;
    assert!(page.contains("the minter&#39;s access token, which nothing renews, ends in 8 hours"), "{page}");

    let deployment = TestDeployment::new().await;
    deployment.answer("status", &json!({"error": {"code": "not_found", "detail": "no grant"}})).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, "/minter").await.text;
    assert!(page.contains("there is no minter") && page.contains("Set it up"), "{page}");
}

#[tokio::test]
async fn review_warns_before_a_grant_is_replaced() {
    let deployment = with_grant("integration", active("admins", "ops")).await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let review = "/review?app=admins&subject=ops&scope=spark%3Aall";
    let page = operator.get(&deployment, review).await.text;
    assert!(page.contains("This replaces a grant.") && page.contains("28 November 2026"), "{page}");

    let deployment = TestDeployment::new().await; // It answers no status: 404.
    let page = TestBrowser::operator(&deployment).await.get(&deployment, review).await.text;
    assert!(page.contains("did not say whether admins/ops exists") && page.contains("Continue to Webex"), "{page}");

    deployment.answer("status", &json!({"error": {"code": "not_found", "detail": "no grant"}})).await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, review).await.text;
    assert!(!page.contains("replaces") && page.contains("Continue to Webex"), "{page}");
}

#[tokio::test]
async fn refresher_errors_of_the_console_are_told() {
    let table = [
        ("not_found", 404, "Grant not found"),
        ("invalid_request", 400, "cannot be answered"),
        ("not_allowed", 503, "Deploy refresher and consent"),
        ("store_unavailable", 503, "Secrets Manager does not answer"),
        ("backing_off", 409, "Try again after 90 seconds"),
        ("http_502", 502, "The command failed"),
    ];
    for (code, status, words) in table {
        let deployment = TestDeployment::new().await;
        let error = json!({"code": code, "detail": "Said <so>", "tracking_id": "ROUTERGW_1", "retry_after": 90});
        deployment.answer("status", &json!({"error": error})).await;
        let page = TestBrowser::operator(&deployment).await.get(&deployment, "/fleet").await;
        assert_eq!(page.status, status, "{code}");
        for words in [words, "Said &#60;so&#62;", "ROUTERGW_1", code] {
            assert!(page.text.contains(words), "{code} without {words:?}: {}", page.text);
        }
    }
    let deployment = TestDeployment::new().await; // It answers no status: 404.
    for path in ["/fleet", "/apps", "/minter", "/fleet/reports/default"] {
        let page = TestBrowser::operator(&deployment).await.get(&deployment, path).await;
        assert!(page.status == 503 && page.text.contains("The refresher does not answer"), "{path}: {}", page.text);
    }
}
