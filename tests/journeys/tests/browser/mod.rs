//! Consent in a real browser: the first page, the simulated Webex's sign-in and consent pages, the callback, and the
//! operators' console.
//!
//! The browser is headless Chromium over `WebDriver`, both from Debian (`apt-get install chromium chromium-driver`). The
//! tests are skipped with a message where they are not installed. With `SCREENSHOTS=folder` the tests write a screenshot
//! of every page there: light, dark, and 360 pixels wide.

mod accessibility;
mod chromium;
mod consent;
mod console;
mod deployment;
mod driver;
mod errors;
mod keyboard;
mod links;
mod screenshots;
mod site;

use chromium::Chromium;
use deployment::Deployment;

/// Starts a deployment and a browser; `None` where no browser is installed.
async fn open_browser(script: bool) -> Option<(Deployment, Chromium)> {
    let browser = Chromium::launch(script).await?;
    Some((Deployment::new().await, browser))
}
