//! A walk in a real browser: start, Webex's simulated sign-in and grant page, callback.
//!
//! Headless Chromium over `WebDriver`, both from Debian (`apt-get install chromium chromium-driver`). Where they are not
//! installed the walks are skipped with a printed reason. With `SCREENSHOTS=folder` every page is photographed in light,
//! in dark and 360 pixels wide.

mod chromium;
mod deployment;
mod keyboard;
mod photos;
mod refusals;
mod site;
mod walk;

use chromium::Chromium;
use deployment::Deployment;

/// A deployment and a browser before its first page; `None` where there is no browser.
async fn staged(script: bool) -> Option<(Deployment, Chromium)> {
    let browser = Chromium::launch(script).await?;
    Some((Deployment::new().await, browser))
}
