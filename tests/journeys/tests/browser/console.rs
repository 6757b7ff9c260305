//! The operators' console: a fleet of 5,000 grants, and what is done to one.

use serde_json::{Value, json};

use super::chromium::Chromium;
use super::consent::sign_in_at_webex;
use super::deployment::{Deployment, KEY};
use super::open_browser;

const FLEET: usize = 5_000;

/// The organisation with this number.
pub(super) fn org(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// Stores an app with many grants, of which every hundredth fails.
pub(super) fn store_fleet(deployment: &Deployment, size: usize) {
    let app = deployment.sim.webex.register_service_app("ada", &["spark:people_read"]);
    let described = json!({"kind": "service_app", "client_id": app.client_id, "client_secret": app.client_secret,
        "application_id": app.application_id});
    deployment.sim.secrets.put_json("webex-token-broker/apps/reports", &described).unwrap();
    for number in 0..size {
        let record = record(number);
        let name = format!("webex-token-broker/grants/reports/{}", org(number));
        deployment.sim.secrets.put_json(&name, &record).unwrap();
    }
}

fn record(number: usize) -> Value {
    let mut record = json!({"version": 1, "app": "reports", "subject": org(number), "state": "active",
        "access_token": format!("CANARY-{number}"), "access_token_expires_at": "2026-12-01T12:00:00Z",
        "refresh_token": format!("CANARY-R-{number}"), "refresh_token_expires_at": "2027-02-15T12:00:00Z",
        "renewed_at": "2026-11-17T12:00:00Z", "authorized_at": "2026-09-01T08:30:00Z",
        "history": [{"at": "2026-09-01T08:30:00Z", "what": "authorized", "by": "event"},
            {"at": "2026-09-01T08:30:02Z", "what": "minted", "by": "event"},
            {"at": "2026-11-17T12:00:00Z", "what": "renewed", "by": "sweep"}]});
    if number % 100 == 3 {
        record["failure"] = json!({"since": "2026-11-20T12:00:00Z", "attempts": 4, "code": "http_503",
            "tracking_id": "ROUTERGW_ce861fba-6e2f-49f9-9a84-b354008fac9e"});
        let failing = json!({"at": "2026-11-20T12:00:00Z", "what": "failing", "by": "sweep", "code": "http_503"});
        record["history"].as_array_mut().unwrap().push(failing);
    }
    record
}

/// Opens a page of the console by a deep link, with the operator key.
pub(super) async fn open_with_key(browser: &Chromium, deployment: &Deployment, place: &str, heading: &str) {
    browser.open(&format!("{}/{place}", deployment.url)).await;
    browser.await_heading("Operators only").await;
    browser.type_into("#key", KEY).await;
    browser.click("button[type=submit]").await;
    browser.await_heading(heading).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fleet_of_5000_grants_is_paged_filtered_and_searched() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    store_fleet(&deployment, FLEET);
    open_with_key(&browser, &deployment, "fleet?app=reports", "Fleet").await;
    assert!(browser.read("table.grants").await.contains(&org(0)));
    browser.click("a[rel=next]").await;
    browser.await_words(".actions", "First page").await;
    assert!(!browser.read("table.grants").await.contains(&org(0)));

    browser.open(&format!("{}/fleet?app=reports&failing=1", deployment.url)).await;
    browser.await_words("table.grants", "Webex failed; each sweep tries again").await;

    browser.type_into("#q", &org(4_321)[..9]).await;
    browser.click("#failing").await;
    browser.click(".filter button").await;
    browser.await_words("[role=status]", "grants match").await;
    assert_eq!(search_to_the_end(&browser).await, (1, FLEET), "matches, and grants that the search has looked at");
    browser.type_into("#q", &org(4_999).to_uppercase()).await;
    browser.click(".filter button").await;
    browser.await_words("table.grants", &org(4_999)).await;
    browser.click("table.grants th a").await;
    browser.await_heading(&org(4_999)).await;
    let page = browser.read("main").await;
    for words in ["Active", "A token pair was minted", "Ask Webex now", "Remove and block"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("CANARY"), "{page}");
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

/// Goes on with a search until it has looked at every grant. How far one page gets depends on the machine.
async fn search_to_the_end(browser: &Chromium) -> (usize, usize) {
    let (mut matches, mut searched) = (0, 0);
    for _ in 0..FLEET {
        let status = browser.read("[role=status]").await;
        let mut words = status.split(' ');
        matches += words.next().unwrap().parse::<usize>().unwrap();
        searched += words.nth(1).unwrap().parse::<usize>().unwrap();
        if !status.contains("so far") {
            return (matches, searched);
        }
        let page = browser.url().await;
        browser.click("a[rel=next]").await;
        while browser.url().await == page {}
        browser.await_words("[role=status]", "grants match").await;
    }
    panic!("the search has no end");
}

/// Makes the minter's grant, asks Webex about it, renews it, removes it, and looks at its history.
async fn act_on_the_minter(browser: &Chromium, deployment: &Deployment) {
    open_with_key(browser, deployment, "minter", "Minter").await;
    browser.await_words("main", "there is no minter").await;
    browser.click("a.button.primary").await;
    browser.click("details[open] form button.primary").await;
    browser.await_heading("Ready for Webex").await;
    browser.click("a.button.primary").await;
    sign_in_at_webex(browser, "ada", "#accept").await;
    browser.await_heading("Granted").await;
    browser.click("a.button.primary").await;
    browser.await_heading("default").await;
    browser.click("form[action$='/verify'] button").await;
    browser.await_words("[role=status]", "Webex accepts the access token").await;
    let before = deployment.grant("minter/default").unwrap()["access_token"].clone();
    browser.click("form[action$='/renew'] button").await;
    browser.await_words("[role=status]", "a new token pair").await;
    assert_ne!(deployment.grant("minter/default").unwrap()["access_token"], before);
    browser.click("button.danger").await;
    browser.await_heading("Remove this grant?").await;
    assert_eq!(deployment.grant("minter/default").unwrap()["state"], "active");
    browser.click("button.danger").await;
    browser.await_words("[role=status]", "The grant was removed.").await;
    browser.await_words(".state", "Ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grant_is_verified_renewed_and_removed() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    act_on_the_minter(&browser, &deployment).await;
    assert!(!browser.url().await.contains("result="), "the script removes the result from the address");
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grant_is_verified_renewed_and_removed_without_javascript() {
    let Some((deployment, browser)) = open_browser(false).await else { return };
    act_on_the_minter(&browser, &deployment).await;
    assert!(browser.url().await.contains("result="), "JavaScript runs");
    assert_eq!(browser.console_errors().await, [""; 0]);
    browser.quit().await;
}
