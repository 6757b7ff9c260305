//! Screenshots of every page: `SCREENSHOTS=target/screenshots cargo test -p journeys screenshots`.

use std::path::{Path, PathBuf};

use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::chromium::Chromium;
use super::consent::unlock;
use super::console::{org, store_fleet};
use super::deployment::Deployment;
use super::open_browser;

/// Name, width and colour scheme.
const VARIANTS: [(&str, u32, &str); 3] = [("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 360, "light")];

async fn capture(browser: &Chromium, folder: &Path, page: &str) {
    for (variant, width, scheme) in VARIANTS {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        browser.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await;
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
        browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
        browser.screenshot(&folder.join(format!("{page}-{variant}.png"))).await;
        let script = json!({"expression": "document.documentElement.scrollWidth", "returnByValue": true});
        let wide = browser.devtools("Runtime.evaluate", script).await["result"]["value"].as_u64().unwrap();
        assert!(wide <= u64::from(width), "{page} is {wide} wide on {width}");
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_a_narrow_screen() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    let wanted = lambda_kit::config::environment("SCREENSHOTS");
    let scratch = std::env::temp_dir().join(format!("consent-screenshots-{}", std::process::id()));
    let folder = wanted.as_ref().map_or(scratch, PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    before_webex(&browser, &deployment, &folder).await;
    after_webex(&browser, &deployment, &folder).await;
    console_pages(&browser, &deployment, &folder).await;
    error_pages(&browser, &deployment, &folder).await;
    if wanted.is_none() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    browser.quit().await;
}

async fn before_webex(browser: &Chromium, deployment: &Deployment, folder: &Path) {
    let url = &deployment.url;
    browser.open(&format!("{url}/")).await;
    capture(browser, folder, "01-key").await;
    browser.type_into("#key", "wrong").await;
    browser.click("button[type=submit]").await;
    browser.await_heading("Wrong key").await;
    capture(browser, folder, "02-wrong-key").await;
    unlock(browser, deployment).await;
    capture(browser, folder, "03-home").await;
    let long = format!("app=admins&scope={}+spark%3Aall", "x".repeat(800));
    let longer = format!("app=admins&scope={}+spark%3Aall", "x".repeat(880));
    for (page, place) in [
        ("04-choose", "?app=admins&select=compliance&scope=spark%3Aall".to_owned()),
        ("05-review", "review?app=minter&show=1".to_owned()),
        ("06-review-long", format!("review?{long}")),
        ("07-review-too-long", format!("review?{longer}")),
        ("08-no-scopes", "review?app=admins".to_owned()),
        ("09-no-flow", "callback?code=c&state=s".to_owned()),
        ("10-no-page", "nothing".to_owned()),
    ] {
        browser.open(&format!("{url}/{place}")).await;
        capture(browser, folder, page).await;
    }
}

async fn after_webex(browser: &Chromium, deployment: &Deployment, folder: &Path) {
    let url = &deployment.url;
    browser.open(&format!("{url}/start?app=admins&scope=spark-admin%3Apeople_read")).await;
    browser.type_into("#user", "sam").await;
    browser.click("#sign-in").await;
    browser.await_heading("Webex did not accept these scopes").await;
    capture(browser, folder, "11-invalid-scope").await;
    for (page, crashes, heading) in
        [("12-not-stored", true, "Granted at Webex, not stored here"), ("13-granted", false, "Granted")]
    {
        deployment.crash_refresher(crashes);
        browser.open(&format!("{url}/start?app=minter&show=1")).await;
        browser.click("#accept").await;
        browser.await_heading(heading).await;
        capture(browser, folder, page).await;
    }
    browser.open(&format!("{url}/callback")).await;
    browser.await_heading("Already granted").await;
    capture(browser, folder, "20-already-granted").await;
}

async fn console_pages(browser: &Chromium, deployment: &Deployment, folder: &Path) {
    store_fleet(deployment, 30);
    let (active, failing) = (org(7), org(3));
    for (page, place) in [
        ("21-fleet", "fleet".to_owned()),
        ("22-fleet-search", "fleet?app=reports&q=0000001".to_owned()),
        ("23-grant", format!("fleet/reports/{active}")),
        ("24-failing-grant", format!("fleet/reports/{failing}")),
        ("25-confirm", format!("fleet/reports/{active}/confirm?act=block")),
        ("26-apps", "apps".to_owned()),
        ("27-minter", "minter".to_owned()),
        ("28-review-existing", "review?app=minter".to_owned()),
        ("29-no-grant", format!("fleet/reports/{}", org(77))),
    ] {
        browser.open(&format!("{}/{place}", deployment.url)).await;
        capture(browser, folder, page).await;
    }
}

async fn error_pages(browser: &Chromium, deployment: &Deployment, folder: &Path) {
    let (url, webex) = (&deployment.url, &deployment.sim.webex);
    for (page, code) in [("14-access-denied", "access_denied"), ("15-server-error", "server_error")] {
        webex.configure(|settings| settings.consent_error = Some(code));
        browser.open(&format!("{url}/start?app=minter")).await;
        capture(browser, folder, page).await;
    }
    webex.configure(|settings| settings.consent_error = None);
    browser.open(&format!("{url}/start?app=minter")).await;
    browser.open(&format!("{url}/callback?code=c&state=forged")).await;
    browser.await_heading("This answer belongs to another sign-in").await;
    capture(browser, folder, "16-another-sign-in").await;
    webex.faults().fail_next(Endpoint::Exchange, 1, Fault::NonJson(400));
    browser.open(&format!("{url}/start?app=minter")).await;
    browser.click("#accept").await;
    browser.await_heading("Granted at Webex, not exchanged").await;
    capture(browser, folder, "17-code-refused").await;
    for app in ["minter", "admins"] {
        deployment.sim.secrets.remove(&format!("webex-token-broker/apps/{app}"));
    }
    browser.open(&format!("{url}/")).await;
    capture(browser, folder, "18-no-integration").await;
    browser.open(&format!("{}/", deployment.closed_url)).await;
    browser.await_heading("Access denied").await;
    capture(browser, folder, "19-closed").await;
}
