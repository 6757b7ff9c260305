//! Screenshots of every page: `SCREENSHOTS=target/screenshots cargo test -p journeys screenshots`.

use std::path::{Path, PathBuf};

use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::accessibility::Axe;
use super::chromium::Chromium;
use super::consent::unlock;
use super::console::{org, store_fleet};
use super::deployment::Deployment;
use super::links::store_dead_grant;
use super::open_browser;

/// Name, width and colour scheme.
const VARIANTS: [(&str, u32, &str); 3] = [("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 360, "light")];

/// Takes a picture of each page in every variant, and looks for violations on it.
struct Camera<'a> {
    browser: &'a Chromium,
    folder: &'a Path,
    axe: Option<Axe>,
    violations: Vec<String>,
}

impl Camera<'_> {
    async fn capture(&mut self, page: &str) {
        for (variant, width, scheme) in VARIANTS {
            let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
            self.browser.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await;
            let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
            self.browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
            self.browser.screenshot(&self.folder.join(format!("{page}-{variant}.png"))).await;
            let script = json!({"expression": "document.documentElement.scrollWidth", "returnByValue": true});
            let wide = self.browser.devtools("Runtime.evaluate", script).await["result"]["value"].as_u64().unwrap();
            assert!(wide <= u64::from(width), "{page} is {wide} wide on {width}");
            if let Some(axe) = &self.axe {
                let found = axe.violations(self.browser).await;
                self.violations.extend(found.iter().map(|violation| format!("{page}-{variant}: {violation}")));
            }
        }
        self.browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_a_narrow_screen_and_are_accessible() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    let wanted = lambda_kit::config::environment("SCREENSHOTS");
    let scratch = std::env::temp_dir().join(format!("consent-screenshots-{}", std::process::id()));
    let folder = wanted.as_ref().map_or(scratch, PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    let fleet = if wanted.is_some() { 5_000 } else { 30 };
    let mut camera = Camera { browser: &browser, folder: &folder, axe: Axe::load(), violations: Vec::new() };
    before_webex(&mut camera, &deployment).await;
    after_webex(&mut camera, &deployment).await;
    console_pages(&mut camera, &deployment, fleet).await;
    link_pages(&mut camera, &deployment).await;
    error_pages(&mut camera, &deployment).await;
    assert_eq!(camera.violations, [""; 0]);
    if wanted.is_none() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    browser.quit().await;
}

async fn before_webex(camera: &mut Camera<'_>, deployment: &Deployment) {
    let browser = camera.browser;
    let url = &deployment.url;
    browser.open(&format!("{url}/")).await;
    camera.capture("01-key").await;
    browser.type_into("#key", "wrong").await;
    browser.click("button[type=submit]").await;
    browser.await_heading("Wrong key").await;
    camera.capture("02-wrong-key").await;
    unlock(browser, deployment).await;
    camera.capture("03-home").await;
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
        camera.capture(page).await;
    }
}

async fn after_webex(camera: &mut Camera<'_>, deployment: &Deployment) {
    let browser = camera.browser;
    let url = &deployment.url;
    browser.open(&format!("{url}/start?app=admins&scope=spark-admin%3Apeople_read")).await;
    browser.type_into("#user", "sam").await;
    browser.click("#sign-in").await;
    browser.await_heading("Webex did not accept these scopes").await;
    camera.capture("11-invalid-scope").await;
    for (page, crashes, heading) in
        [("12-not-stored", true, "Granted at Webex, not stored here"), ("13-granted", false, "Granted")]
    {
        deployment.crash_refresher(crashes);
        browser.open(&format!("{url}/start?app=minter&show=1")).await;
        browser.click("#accept").await;
        browser.await_heading(heading).await;
        camera.capture(page).await;
    }
    browser.open(&format!("{url}/callback")).await;
    browser.await_heading("Already granted").await;
    camera.capture("20-already-granted").await;
}

async fn console_pages(camera: &mut Camera<'_>, deployment: &Deployment, fleet: usize) {
    let browser = camera.browser;
    store_fleet(deployment, fleet);
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
        ("29-no-grant", format!("fleet/reports/{}", org(9_999_999))),
    ] {
        browser.open(&format!("{}/{place}", deployment.url)).await;
        camera.capture(page).await;
    }
}

async fn link_pages(camera: &mut Camera<'_>, deployment: &Deployment) {
    let browser = camera.browser;
    store_dead_grant(deployment, "grace");
    browser.open(&format!("{}/fleet/admins/grace", deployment.url)).await;
    camera.capture("30-dead-grant").await;
    browser.open(&format!("{}/review?app=admins&subject=grace&scope=spark%3Akms", deployment.url)).await;
    camera.capture("31-review-dead-grant").await;
    browser.click("form[action$='link'] button").await;
    browser.await_heading("Link for admins/grace").await;
    camera.capture("32-link").await;
    let link = browser.property("#link", "value").await;
    browser.open(link.as_str().unwrap()).await;
    browser.await_heading("Connect your Webex account").await;
    camera.capture("33-invited").await;
    browser.open(&format!("{}/invited?link=forged", deployment.url)).await;
    camera.capture("34-invalid-link").await;
}

async fn error_pages(camera: &mut Camera<'_>, deployment: &Deployment) {
    let browser = camera.browser;
    let (url, webex) = (&deployment.url, &deployment.sim.webex);
    for (page, code) in [("14-access-denied", "access_denied"), ("15-server-error", "server_error")] {
        webex.configure(|settings| settings.consent_error = Some(code));
        browser.open(&format!("{url}/start?app=minter")).await;
        camera.capture(page).await;
    }
    webex.configure(|settings| settings.consent_error = None);
    browser.open(&format!("{url}/start?app=minter")).await;
    browser.open(&format!("{url}/callback?code=c&state=forged")).await;
    browser.await_heading("This answer belongs to another sign-in").await;
    camera.capture("16-another-sign-in").await;
    webex.faults().fail_next(Endpoint::Exchange, 1, Fault::NonJson(400));
    browser.open(&format!("{url}/start?app=minter")).await;
    browser.click("#accept").await;
    browser.await_heading("Granted at Webex, not exchanged").await;
    camera.capture("17-code-refused").await;
    for app in ["minter", "admins"] {
        deployment.sim.secrets.remove(&format!("webex-token-broker/apps/{app}"));
    }
    browser.open(&format!("{url}/")).await;
    camera.capture("18-no-integration").await;
    browser.open(&format!("{}/", deployment.closed_url)).await;
    browser.await_heading("Access denied").await;
    camera.capture("19-closed").await;
}
