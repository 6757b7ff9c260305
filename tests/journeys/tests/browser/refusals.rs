//! The pages for everything that does not end in a grant.

use super::chromium::Chromium;
use super::deployment::{Deployment, KEY};
use super::staged;
use super::walk::{at_webex, unlock};

async fn off_to_webex(browser: &Chromium, deployment: &Deployment, query: &str) {
    browser.open(&format!("{}/review?{query}", deployment.url)).await;
    browser.click("a.button.primary").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_no_of_webexs_has_its_page() {
    let Some((deployment, browser)) = staged(true).await else { return };
    let webex = &deployment.sim.webex;
    unlock(&browser, &deployment).await;
    off_to_webex(&browser, &deployment, "app=admins&scope=spark-admin%3Apeople_read").await;
    browser.type_into("#user", "sam").await;
    browser.click("#sign-in").await;
    browser.await_heading("Your account cannot grant these scopes").await;
    let page = browser.read("main").await;
    for words in ["full administrator", "No user entitled service in request scopes", "ROUTERGW_"] {
        assert!(page.contains(words), "{page}");
    }

    off_to_webex(&browser, &deployment, "app=admins&scope=spark%3Aall").await;
    browser.click("#decline").await;
    browser.await_heading("Webex did not grant access").await;
    assert!(browser.read("main").await.contains("ROUTERGW_"));
    webex.configure(|settings| settings.consent_error = Some("access_denied"));
    browser.click("a.button.primary").await;
    browser.await_heading("Webex did not grant access").await;

    for (code, heading) in [
        ("server_error", "Webex has a problem"),
        ("login_required", "Webex wants you to sign in"),
        ("odd", "Webex did not grant access"),
    ] {
        webex.configure(|settings| settings.consent_error = Some(code));
        off_to_webex(&browser, &deployment, "app=minter").await;
        browser.await_heading(heading).await;
        assert!(browser.read("main").await.contains("ROUTERGW_"), "{code}");
    }
    assert!(deployment.grant("minter/default").is_none());
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresher_that_dies_between_exchange_and_store_loses_no_grant() {
    let Some((deployment, browser)) = staged(true).await else { return };
    unlock(&browser, &deployment).await;
    deployment.refresher_dies(true);
    off_to_webex(&browser, &deployment, "app=minter").await;
    at_webex(&browser, "ada", "#accept").await;
    browser.await_heading("Granted at Webex, not yet stored here").await;
    assert!(deployment.grant("minter/default").is_none(), "Webex has given it, and nobody has it");
    deployment.refresher_dies(false);
    browser.click("a.button.primary").await;
    browser.click("#accept").await;
    browser.await_heading("Granted").await;
    assert_eq!(deployment.grant("minter/default").unwrap()["state"], "active");
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_lost_flows_are_told_what_to_do() {
    let Some((deployment, browser)) = staged(true).await else { return };
    browser.open(&format!("{}/start?app=minter", deployment.url)).await;
    browser.await_heading("Operators only").await;
    browser.type_into("#key", "a guess").await;
    browser.click("button[type=submit]").await;
    browser.await_heading("That is not the key").await;
    browser.type_into("#key", KEY).await;
    browser.click("button[type=submit]").await;
    browser.await_heading("Connect a Webex account").await;
    for (place, heading) in [
        ("callback?code=c&state=s", "No sign-in is under way here"),
        ("review?app=nobody", "There is no such Integration"),
        ("review?app=admins", "No scopes are chosen"),
        ("elsewhere", "There is no such page"),
    ] {
        browser.open(&format!("{}/{place}", deployment.url)).await;
        browser.await_heading(heading).await;
    }
    off_to_webex(&browser, &deployment, "app=minter").await;
    browser.open(&format!("{}/callback?code=c&state=forged", deployment.url)).await;
    browser.await_heading("This answer belongs to another sign-in").await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}
