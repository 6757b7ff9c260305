//! The pages of flows that end without a grant.

use super::chromium::Chromium;
use super::consent::{sign_in_at_webex, unlock};
use super::deployment::{Deployment, KEY};
use super::open_browser;

async fn continue_to_webex(browser: &Chromium, deployment: &Deployment, query: &str) {
    browser.open(&format!("{}/review?{query}", deployment.url)).await;
    browser.click("a.button.primary").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webex_errors_have_pages() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    let webex = &deployment.sim.webex;
    unlock(&browser, &deployment).await;
    continue_to_webex(&browser, &deployment, "app=admins&scope=spark-admin%3Apeople_read").await;
    browser.type_into("#user", "sam").await;
    browser.click("#sign-in").await;
    browser.await_heading("Webex did not accept these scopes").await;
    let page = browser.read("main").await;
    for words in ["full administrator", "No user entitled service in request scopes", "ROUTERGW_"] {
        assert!(page.contains(words), "{page}");
    }

    continue_to_webex(&browser, &deployment, "app=admins&scope=spark%3Aall").await;
    browser.click("#decline").await;
    browser.await_heading("Webex did not grant access").await;
    assert!(browser.read("main").await.contains("ROUTERGW_"));
    webex.configure(|settings| settings.consent_error = Some("access_denied"));
    browser.click("a.button.primary").await;
    browser.await_heading("Webex did not grant access").await;

    for (code, heading) in [
        ("server_error", "Webex has a problem"),
        ("login_required", "Webex requires a sign-in"),
        ("odd", "Webex did not grant access"),
    ] {
        webex.configure(|settings| settings.consent_error = Some(code));
        continue_to_webex(&browser, &deployment, "app=minter").await;
        browser.await_heading(heading).await;
        assert!(browser.read("main").await.contains("ROUTERGW_"), "{code}");
    }
    assert!(deployment.grant("minter/default").is_none());
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_between_exchange_and_store_loses_no_grant() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    unlock(&browser, &deployment).await;
    deployment.crash_refresher(true);
    continue_to_webex(&browser, &deployment, "app=minter").await;
    sign_in_at_webex(&browser, "ada", "#accept").await;
    browser.await_heading("Granted at Webex, not stored here").await;
    assert!(deployment.grant("minter/default").is_none(), "Webex granted it, and nothing is stored");
    deployment.crash_refresher(false);
    browser.click("a.button.primary").await;
    browser.click("#accept").await;
    browser.await_heading("Granted").await;
    assert_eq!(deployment.grant("minter/default").unwrap()["state"], "active");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_unknown_flows_get_a_page() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    browser.open(&format!("{}/start?app=minter", deployment.url)).await;
    browser.await_heading("Operators only").await;
    browser.type_into("#key", "a guess").await;
    browser.click("button[type=submit]").await;
    browser.await_heading("Wrong key").await;
    browser.type_into("#key", KEY).await;
    browser.click("button[type=submit]").await;
    browser.await_heading("Ready for Webex").await; // What the link asked for, to be looked at first.
    for (place, heading) in [
        ("callback?code=c&state=s", "No sign-in is in progress"),
        ("review?app=nobody", "Unknown Integration"),
        ("review?app=admins", "No scopes are chosen"),
        ("elsewhere", "Page not found"),
    ] {
        browser.open(&format!("{}/{place}", deployment.url)).await;
        browser.await_heading(heading).await;
    }
    continue_to_webex(&browser, &deployment, "app=minter").await;
    browser.open(&format!("{}/callback?code=c&state=forged", deployment.url)).await;
    browser.await_heading("This answer belongs to another sign-in").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}
