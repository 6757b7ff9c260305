//! From the first page to a grant, with and without JavaScript.

use serde_json::json;

use super::chromium::Chromium;
use super::deployment::{Deployment, KEY};
use super::open_browser;

/// Opens the first page with the operator key.
pub(super) async fn unlock(browser: &Chromium, deployment: &Deployment) {
    browser.open(&format!("{}/", deployment.url)).await;
    browser.type_into("#key", KEY).await;
    browser.click("button[type=submit]").await;
    browser.await_heading("Connect a Webex account").await;
}

/// Signs in at the simulated Webex, and accepts or declines.
pub(super) async fn sign_in_at_webex(browser: &Chromium, user: &str, decision: &str) {
    browser.type_into("#user", user).await;
    browser.click("#sign-in").await;
    browser.click(decision).await;
}

/// Consents to the minter, whose scopes are fixed.
async fn consent_to_the_minter(browser: &Chromium, deployment: &Deployment) {
    unlock(browser, deployment).await;
    browser.click("#minter-subject").await;
    browser.click("details[open] form button.primary").await;
    browser.await_heading("Ready for Webex").await;
    browser.click("a.button.primary").await;
    sign_in_at_webex(browser, "ada", "#accept").await;
    browser.await_heading("Granted").await;
    assert!(browser.read("main").await.contains("minter/default"));
    assert_eq!(deployment.grant("minter/default").unwrap()["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn minter_is_granted() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    consent_to_the_minter(&browser, &deployment).await;
    // The script has removed the used code from the address.
    assert_eq!(browser.url().await, format!("{}/callback", deployment.url));
    browser.open(&browser.url().await).await;
    browser.await_heading("Already granted").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minter_is_granted_without_javascript() {
    let Some((deployment, browser)) = open_browser(false).await else { return };
    consent_to_the_minter(&browser, &deployment).await;
    assert!(browser.url().await.contains("state="), "JavaScript runs");
    // Loading the page again repeats nothing.
    browser.open(&browser.url().await).await;
    browser.await_heading("Already granted").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_are_found_chosen_counted_and_granted() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    unlock(&browser, &deployment).await;
    browser.click("main > details:last-of-type > summary").await;
    browser.type_into("#admins-subject", "ops").await;
    assert_eq!(browser.property("[data-go]", "disabled").await, json!(true));
    assert!(browser.read("[data-count]").await.contains("Choose at least one scope"));
    browser.type_into("#admins-filter", "recordings compliance").await;
    assert_eq!(browser.read("[data-found]").await, "4 scopes found");
    browser.click("#admins-compliance [data-all]").await;
    assert!(browser.read("[data-count]").await.contains(", 4 scopes"));
    browser.type_into("#admins-filter", "spark-admin").await;
    browser.click("#admins-admin [data-all]").await;
    assert!(browser.read("[data-count]").await.contains("too many"));
    assert_eq!(browser.property("[data-go]", "disabled").await, json!(true));
    browser.click("#admins-admin [data-none]").await;
    browser.click("#admins-show").await;
    browser.click("[data-tally] [data-go]").await;
    browser.await_heading("Ready for Webex").await;
    browser.click("a.button.primary").await;
    sign_in_at_webex(&browser, "ada", "#accept").await;
    browser.await_heading("Granted").await;
    let token = browser.property("#token", "value").await;
    assert!(deployment.sim.webex.is_alive(token.as_str().unwrap()));
    let grant = deployment.grant("admins/ops").unwrap();
    assert!(grant["scope"].as_str().unwrap().starts_with("spark-compliance:"));
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_length_work_without_javascript() {
    let Some((deployment, browser)) = open_browser(false).await else { return };
    unlock(&browser, &deployment).await;
    browser.click("main > details:last-of-type > summary").await;
    browser.click("#admins-compliance > summary").await;
    browser.click("#admins-compliance [data-all]").await;
    browser.await_words("#admins-compliance > summary", "16 of 16").await;
    browser.click("[data-tally] [data-go]").await;
    browser.await_heading("Ready for Webex").await;
    browser.click("a.button:not(.primary)").await;
    browser.click("#admins-admin > summary").await;
    browser.click("#admins-admin [data-all]").await;
    browser.await_words("#admins-admin > summary", "58 of 58").await;
    browser.click("[data-tally] [data-go]").await;
    browser.await_heading("Too many scopes").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_violation_is_noticed() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    unlock(&browser, &deployment).await;
    let inline = "document.body.setAttribute('style', 'color: red')";
    browser.devtools("Runtime.evaluate", json!({"expression": inline})).await;
    let console_errors = browser.console_errors().await;
    assert!(console_errors.iter().any(|text| text.contains("Content Security Policy")), "{console_errors:?}");
    browser.quit().await;
}
