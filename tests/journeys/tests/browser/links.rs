//! A link by which a person whose personal grant died consents again, in a browser that never sees the operator key.

use serde_json::json;
use simulator::webex::Role;

use super::chromium::Chromium;
use super::consent::sign_in_at_webex;
use super::console::open_with_key;
use super::deployment::{Deployment, KEY};
use super::open_browser;

/// Stores a personal grant that fails.
pub(super) fn store_dead_grant(deployment: &Deployment, subject: &str) {
    let record = json!({"version": 1, "app": "admins", "subject": subject, "state": "active",
        "access_token": format!("CANARY-{subject}"), "access_token_expires_at": "2026-11-20T12:00:00Z",
        "refresh_token": format!("CANARY-R-{subject}"), "refresh_token_expires_at": "2026-11-19T12:00:00Z",
        "renewed_at": "2026-11-06T12:00:00Z", "scope": "spark:kms",
        "failure": {"since": "2026-11-19T12:00:00Z", "attempts": 9, "code": "invalid_grant"},
        "history": [{"at": "2026-08-01T08:30:00Z", "what": "consented", "by": "operator console"},
            {"at": "2026-11-19T12:00:00Z", "what": "failing", "by": "sweep", "code": "invalid_grant"}]});
    deployment.sim.secrets.put_json(&format!("webex-token-broker/grants/admins/{subject}"), &record).unwrap();
}

/// Makes a link from the page of the grant, as an operator.
pub(super) async fn make_link(browser: &Chromium, deployment: &Deployment, subject: &str) -> String {
    open_with_key(browser, deployment, &format!("fleet/admins/{subject}"), subject).await;
    browser.click(".acts a.button").await;
    browser.await_heading("Connect a Webex account").await;
    browser.type_into("#admins-others", "spark:kms").await;
    browser.click("details[open] [data-tally] [data-go]").await;
    browser.await_heading("Ready for Webex").await;
    browser.click("form[action$='link'] button").await;
    browser.await_heading(&format!("Link for admins/{subject}")).await;
    browser.property("#link", "value").await.as_str().unwrap().to_owned()
}

async fn consent_by_link(script: bool) {
    let Some((deployment, operator)) = open_browser(script).await else { return };
    let Some(person) = Chromium::launch(script).await else { return };
    deployment.sim.webex.add_user("grace", Role::Standard);
    store_dead_grant(&deployment, "grace");
    let link = make_link(&operator, &deployment, "grace").await;
    assert!(link.starts_with(&format!("{}/invited?link=", deployment.url)) && !link.contains(KEY), "{link}");
    person.open(&link).await;
    person.await_heading("Connect your Webex account").await;
    let page = person.read("body").await;
    assert!(page.contains("admins/grace") && page.contains("spark:kms") && !page.contains("Fleet"), "{page}");
    person.click("a.button.primary").await;
    sign_in_at_webex(&person, "grace", "#accept").await;
    person.await_heading("Granted").await;
    assert!(!person.read("body").await.contains("Fleet"));
    let grant = deployment.grant("admins/grace").unwrap();
    assert_eq!((&grant["state"], &grant["failure"]), (&json!("active"), &json!(null)), "{grant}");
    person.open(&link).await;
    person.await_heading("This link has been used").await;
    person.open(&format!("{}/fleet", deployment.url)).await;
    person.await_heading("Operators only").await;
    for browser in [&operator, &person] {
        assert_eq!(browser.console_errors().await, [""; 0]);
    }
    operator.quit().await;
    person.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn person_consents_by_a_link() {
    consent_by_link(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn person_consents_by_a_link_without_javascript() {
    consent_by_link(false).await;
}
