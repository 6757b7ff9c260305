//! Links with which a person consents without the operator key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use broker_core::consent_link::ConsentLink;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::console::{app, grant};
use crate::support::{CALLBACK, KEY, Page, TestBrowser, TestDeployment};

/// A link as the refresher makes it. Only the refresher can check its signature.
fn signed(subject: &str) -> String {
    let link = ConsentLink {
        id: broker_core::id::GrantId::parse(&format!("admins/{subject}")).unwrap(),
        scope: Some("spark:all spark:kms".to_owned()),
        made_at: "2026-11-21T12:00:00Z".parse().unwrap(),
        expires_at: "2026-11-22T12:00:00Z".parse().unwrap(),
    };
    format!("{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&link).unwrap()))
}

/// A deployment whose grant `admins/ops` has these fields.
async fn deployment(fields: Value) -> TestDeployment {
    let deployment = TestDeployment::new().await;
    let apps = json!([app("admins", "integration", json!({}))]);
    deployment.answer("status", &json!({"apps": apps, "grants": [grant("admins", "ops", fields)]})).await;
    let made = json!({"link": signed("ops"), "expires_at": "2026-11-22T12:00:00Z"});
    deployment.answer("make_link", &made).await;
    let granted = json!({"state": "active", "expires_at": "2026-12-05T12:00:00Z", "scope": null});
    deployment.answer("exchange", &granted).await;
    deployment
}

fn failing() -> Value {
    json!({"failing": true, "code": "invalid_grant", "renewed_at": "2026-11-14T12:00:00Z"})
}

/// The value after `start` on a page.
fn value_after<'a>(page: &'a str, start: &str) -> &'a str {
    let rest = &page[page.find(start).unwrap_or_else(|| panic!("no {start}: {page}")) + start.len()..];
    &rest[..rest.find(['"', '<']).unwrap()]
}

async fn pressed(deployment: &TestDeployment) -> Page {
    let mut operator = TestBrowser::operator(deployment).await;
    let review = operator.get(deployment, "/review?app=admins&subject=ops&scope=spark%3Aall+spark%3Akms").await;
    let token = value_after(&review.text, "name=\"token\" value=\"").to_owned();
    operator.post(deployment, "/link", &[("token", &token)]).await
}

/// The path and query of the link that an operator makes.
async fn made(deployment: &TestDeployment) -> String {
    let page = pressed(deployment).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let address = value_after(&page.text, "aria-describedby=\"about-link\">").to_owned();
    address.strip_prefix("https://consent.example").unwrap_or_else(|| panic!("{address}")).to_owned()
}

/// A person's browser, which has never seen the operator key.
fn guest() -> TestBrowser {
    let mut browser = TestBrowser::new();
    browser.headers["sec-fetch-site"] = json!("none");
    browser
}

#[tokio::test]
async fn link_leads_a_person_to_one_grant_without_the_key() {
    let deployment = deployment(failing()).await;
    let link = made(&deployment).await;
    assert!(!link.contains(KEY) && !link.contains("ops"), "{link}");
    let command = deployment.received("make_link").await;
    let expected = json!({"app": "admins", "subject": "ops", "scope": "spark:all spark:kms"});
    assert_eq!(command, [json!({"operator": "console", "make_link": expected})]);

    let mut person = guest();
    let page = person.get(&deployment, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for words in ["admins/ops", "spark:kms", "Only continue if you expect this", "22 November 2026, 12:00 UTC"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("fleet") && !page.text.contains("aria-label=\"Pages\""), "{}", page.text);
    let start = format!("/{}", value_after(&page.text, "href=\"./invited/start").replace("&#38;", "&"));
    person.headers["sec-fetch-site"] = json!("same-origin");
    let sent = person.get(&deployment, &format!("/invited/start{}", &start[1..])).await;
    assert_eq!((sent.status, sent.sent("scope")), (302, "spark:all spark:kms".to_owned()), "{}", sent.text);
    person.headers["sec-fetch-site"] = json!("cross-site");
    let query = format!("code=c0de&state={}", sent.sent("state"));
    let granted = person.get(&deployment, &format!("/callback?{query}")).await;
    assert!(granted.status == 200 && granted.text.contains("Granted"), "{}", granted.text);
    assert!(!granted.text.contains("fleet"), "{}", granted.text);
    let exchanged = deployment.received("exchange").await;
    assert_eq!(exchanged[0]["operator"], "consent link");
    assert_eq!(exchanged[0]["exchange"]["link"], signed("ops"));
    assert_eq!(exchanged[0]["exchange"]["redirect_uri"], CALLBACK);
    let again = person.get(&deployment, &format!("/callback?{query}")).await;
    assert!(again.text.contains("Already granted") && !again.text.contains("fleet"), "{}", again.text);
    for place in
        ["/", "/fleet", "/fleet/admins/ops", "/apps", "/minter", "/start?app=admins&scope=x", "/review?app=admins"]
    {
        assert_eq!(person.get(&deployment, place).await.status, 401, "{place}");
    }
}

#[tokio::test]
async fn forged_expired_and_spent_links_are_refused() {
    let deployment = deployment(failing()).await;
    let link = made(&deployment).await;
    let asked = deployment.refresher.received_requests().await.unwrap().len();
    let forged = link.replacen("link=", "link=A", 1);
    let cut = &link[..link.len() - 9];
    let unsealed = format!("/invited?link={}", signed("ops"));
    for wrong in [forged.as_str(), cut, &unsealed, "/invited?link=", "/invited", "/invited/start"] {
        let page = guest().get(&deployment, wrong).await;
        assert!(page.status == 403 && page.text.contains("This link does not work"), "{wrong}: {}", page.text);
        assert!(!page.text.contains("fleet"), "{}", page.text);
    }
    let now = deployment.refresher.received_requests().await.unwrap().len();
    assert_eq!(now, asked, "a forged link wakes nobody");
    deployment.wait(SignedDuration::from_hours(24));
    for place in [link.clone(), link.replace("/invited?", "/invited/start?")] {
        let page = guest().get(&deployment, &place).await;
        assert!(page.status == 410 && page.text.contains("This link has expired"), "{}", page.text);
    }
    let history = json!([{"at": "2026-11-21T12:00:00Z", "what": "consented", "by": "operator consent link"}]);
    for spent in [
        json!({"renewed_at": "2026-11-21T12:30:00Z"}),
        json!({"state": "revoked", "history": history}),
        json!({"state": "revoked", "blocked": true}),
    ] {
        let used = TestDeployment::new().await;
        used.answer("status", &json!({"apps": [], "grants": [grant("admins", "ops", spent.clone())]})).await;
        for place in [link.clone(), link.replace("/invited?", "/invited/start?")] {
            let page = guest().get(&used, &place).await;
            assert!(page.status == 410 && page.text.contains("This link has been used"), "{spent}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn refusals_of_the_refresher_are_told_to_a_person() {
    let table = [
        ("link_spent", 410, "This link has been used"),
        ("link_expired", 410, "This link has expired"),
        ("invalid_link", 403, "This link does not work"),
        ("other_org", 403, "another organisation"),
        ("invalid_client", 503, "cannot do this now"),
    ];
    for (code, status, words) in table {
        let refusing = TestDeployment::new().await;
        let error = json!({"error": {"code": code, "detail": "apps/admins is wrong"}});
        refusing.answer("exchange", &error).await;
        refusing.answer("status", &json!({"apps": [], "grants": [grant("admins", "ops", failing())]})).await;
        let link = made(&deployment(failing()).await).await;
        let mut person = guest();
        let sent = person.get(&refusing, &link.replace("/invited?", "/invited/start?")).await;
        assert_eq!(sent.status, 302, "{}", sent.text);
        let page = person.get(&refusing, &format!("/callback?code=c&state={}", sent.sent("state"))).await;
        assert!(page.status == status && page.text.contains(words), "{code}: {}", page.text);
        assert!(!page.text.contains("apps/admins") && !page.text.contains("fleet"), "{code}: {}", page.text);
    }
}

#[tokio::test]
async fn link_is_offered_for_grants_that_do_not_work() {
    for (fields, offered) in [
        (json!({}), false),
        (failing(), true),
        (json!({"state": "revoked"}), true),
        (json!({"state": "revoked", "blocked": true}), false),
    ] {
        let deployment = deployment(fields.clone()).await;
        let mut operator = TestBrowser::operator(&deployment).await;
        let page = operator.get(&deployment, "/review?app=admins&subject=ops&scope=spark%3Aall").await.text;
        assert_eq!(page.contains("Make a link"), offered, "{fields}");
    }
}

#[tokio::test]
async fn only_the_review_of_a_session_makes_links() {
    let deployment = deployment(failing()).await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let review = operator.get(&deployment, "/review?app=admins&subject=ops&scope=spark%3Aall").await;
    let token = value_after(&review.text, "name=\"token\" value=\"").to_owned();
    let mut attacked = operator.clone();
    attacked.headers["sec-fetch-site"] = json!("cross-site");
    for (mut browser, token, status) in
        [(attacked, token.as_str(), 403), (TestBrowser::new(), &token, 401), (operator, "", 403)]
    {
        assert_eq!(browser.post(&deployment, "/link", &[("token", token)]).await.status, status);
    }
    assert_eq!(deployment.received("make_link").await.len(), 0);
    let page = with_wrong_start(&deployment).await;
    assert_eq!(page.status, 200, "another site leads to the page, not to Webex");
}

async fn with_wrong_start(deployment: &TestDeployment) -> Page {
    let link = made(deployment).await.replace("/invited?", "/invited/start?");
    let mut person = guest();
    person.headers["sec-fetch-site"] = json!("cross-site");
    person.get(deployment, &link).await
}
