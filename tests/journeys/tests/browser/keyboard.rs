//! Consent with the keyboard alone.

use super::chromium::Chromium;
use super::deployment::KEY;
use super::open_browser;

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const SPACE: &str = " ";

/// Presses Tab until the description of the focused element contains `wanted`.
async fn tab_to(browser: &Chromium, wanted: &str) {
    let mut seen = Vec::new();
    for _ in 0..60 {
        let focused = browser.focused().await;
        if focused.contains(wanted) {
            return;
        }
        seen.push(focused);
        browser.press(TAB).await;
    }
    panic!("no {wanted} among {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_works_with_the_keyboard_alone() {
    let Some((deployment, browser)) = open_browser(true).await else { return };
    browser.open(&format!("{}/", deployment.url)).await;
    tab_to(&browser, "key").await; // It has the focus from the start.
    browser.press(KEY).await;
    browser.press(ENTER).await;
    browser.await_heading("Connect a Webex account").await;
    browser.press(TAB).await;
    assert!(browser.focused().await.ends_with("#main"), "the first stop is the skip link");
    browser.press(ENTER).await;
    tab_to(&browser, "minter-subject").await;
    browser.press(TAB).await; // The check box that shows the token.
    browser.press(SPACE).await;
    tab_to(&browser, "Review and continue").await;
    browser.press(ENTER).await;
    browser.await_heading("Ready for Webex").await;
    tab_to(&browser, "/start?").await;
    browser.press(ENTER).await;
    tab_to(&browser, "user").await;
    browser.press("ada").await;
    browser.press(ENTER).await;
    tab_to(&browser, "accept").await;
    browser.press(ENTER).await;
    browser.await_heading("Granted").await;
    assert_eq!(deployment.grant("minter/default").unwrap()["state"], "active");
    tab_to(&browser, "token").await;
    browser.quit().await;
}
