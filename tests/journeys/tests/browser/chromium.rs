//! Chromium, driven over `WebDriver` (W3C).

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::driver::Driver;

/// How long an element may take to appear.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The key of an element id in `WebDriver`'s JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with a profile of its own. Dropping it ends its driver.
pub(super) struct Chromium {
    /// Dropped before the profile that it uses.
    _driver: Driver,
    _profile: Profile,
    http: Client,
    session: String,
}

/// The folder of a profile, which is removed when this is dropped.
struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn installed(names: &[&str]) -> Option<PathBuf> {
    let folders = ["/usr/bin", "/usr/local/bin", "/snap/bin"];
    let places = folders.iter().flat_map(|folder| names.iter().map(move |name| Path::new(folder).join(name)));
    places.into_iter().find(|place| place.exists())
}

#[expect(clippy::print_stdout, reason = "tells the person who runs the tests what was skipped and why")]
fn print_that_none_is_installed() -> Option<Chromium> {
    println!("skipped: Chromium is not installed (apt-get install chromium chromium-driver)");
    None
}

impl Chromium {
    /// Starts driver and browser, with or without JavaScript. Prints a message and returns `None` where they are not
    /// installed.
    pub(super) async fn launch(script: bool) -> Option<Self> {
        let binary = installed(&["chromium", "chromium-browser", "google-chrome"]);
        let (Some(binary), Some(driver)) = (binary, installed(&["chromedriver"])) else {
            return print_that_none_is_installed();
        };
        let driver = Driver::start(&driver);
        let port = driver.port;
        let profile = Profile(std::env::temp_dir().join(format!("consent-browser-{}-{port}", std::process::id())));
        let http = Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let wanted = capabilities(&binary, &profile.0, script);
        let mut browser = Self { _driver: driver, _profile: profile, http, session: base.clone() };
        let session = browser.send(Method::POST, "session", Some(wanted)).await;
        browser.session = format!("{base}/session/{}", session["sessionId"].as_str().unwrap());
        Some(browser)
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        self.attempt(method, path, body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn attempt(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, String> {
        let request = self.http.request(method, format!("{}/{path}", self.session));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let value = answer["value"].clone();
        if value["error"].is_string() { Err(value["message"].to_string()) } else { Ok(value) }
    }

    pub(super) async fn open(&self, url: &str) {
        self.send(Method::POST, "url", Some(json!({"url": url}))).await;
    }

    pub(super) async fn url(&self) -> String {
        self.send(Method::GET, "url", None).await.as_str().unwrap().to_owned()
    }

    /// Waits for an element and returns its id.
    async fn find(&self, css: &str) -> String {
        let tries = TIMEOUT.as_millis() / 100;
        for _ in 0..tries {
            if let Ok(found) = self.attempt(Method::POST, "element", Some(by_css(css))).await {
                return found[ELEMENT].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no {css} on {}: {}", self.url().await, self.text().await);
    }

    pub(super) async fn click(&self, css: &str) {
        let id = self.find(css).await;
        self.send(Method::POST, &format!("element/{id}/click"), Some(json!({}))).await;
    }

    pub(super) async fn type_into(&self, css: &str, text: &str) {
        let id = self.find(css).await;
        self.send(Method::POST, &format!("element/{id}/clear"), Some(json!({}))).await;
        self.send(Method::POST, &format!("element/{id}/value"), Some(json!({"text": text}))).await;
    }

    /// The visible text of an element.
    pub(super) async fn read(&self, css: &str) -> String {
        let id = self.find(css).await;
        let text = self.send(Method::GET, &format!("element/{id}/text"), None).await;
        text.as_str().unwrap().to_owned()
    }

    pub(super) async fn property(&self, css: &str, name: &str) -> Value {
        let id = self.find(css).await;
        self.send(Method::GET, &format!("element/{id}/property/{name}"), None).await
    }

    /// Waits for the page with this heading.
    pub(super) async fn await_heading(&self, heading: &str) {
        self.await_text("h1", |text| text == heading, heading).await;
    }

    /// Waits until an element contains `words`: a click may not have led to the next page yet.
    pub(super) async fn await_words(&self, css: &str, words: &str) {
        self.await_text(css, |text| text.contains(words), words).await;
    }

    async fn await_text(&self, css: &str, is_there: impl Fn(&str) -> bool, wanted: &str) {
        for _ in 0..TIMEOUT.as_millis() / 100 {
            let found = self.attempt(Method::POST, "element", Some(by_css(css))).await;
            if let Ok(found) = found {
                let path = format!("element/{}/text", found[ELEMENT].as_str().unwrap());
                // The page may have changed since the element was found.
                if self.attempt(Method::GET, &path, None).await.is_ok_and(|text| is_there(text.as_str().unwrap())) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} did not show {wanted:?}: {} shows {}", self.url().await, self.text().await);
    }

    async fn text(&self) -> String {
        let Ok(found) = self.attempt(Method::POST, "element", Some(by_css("body"))).await else { return String::new() };
        let id = found[ELEMENT].as_str().unwrap_or_default().to_owned();
        self.send(Method::GET, &format!("element/{id}/text"), None).await.to_string()
    }

    /// Presses keys at the focus: characters, or `WebDriver`'s code points for other keys.
    pub(super) async fn press(&self, keys: &str) {
        for key in keys.chars().map(String::from) {
            let actions = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
            let keyboard = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
            self.send(Method::POST, "actions", Some(keyboard)).await;
        }
    }

    /// Describes the focused element by its id, name, href or text; empty if the page has just changed.
    pub(super) async fn focused(&self) -> String {
        let element = self.attempt(Method::GET, "element/active", None).await.unwrap_or_default();
        for said in ["property/id", "property/name", "property/href", "text"] {
            let path = format!("element/{}/{said}", element[ELEMENT].as_str().unwrap_or_default());
            let value = self.attempt(Method::GET, &path, None).await.unwrap_or_default();
            if let Some(value) = value.as_str().filter(|value| !value.is_empty()) {
                return value.to_owned();
            }
        }
        String::new()
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    pub(super) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.send(Method::POST, "goog/cdp/execute", Some(body)).await
    }

    /// Returns the console errors since the last call: policy violations, failed scripts, missing resources.
    pub(super) async fn console_errors(&self) -> Vec<String> {
        let log = self.send(Method::POST, "se/log", Some(json!({"type": "browser"}))).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        let texts = entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned());
        // The tests open pages with a status of 4xx or 5xx on purpose.
        texts.filter(|text| !text.contains("the server responded with a status of")).collect()
    }

    /// Writes a screenshot of the whole page.
    pub(super) async fn screenshot(&self, file: &Path) {
        let image = self.devtools("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await;
        let bytes = STANDARD.decode(image["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// Ends the browser. Ending the driver alone would leave it running.
    pub(super) async fn quit(self) {
        let _ = self.http.delete(&self.session).send().await;
    }
}

fn by_css(css: &str) -> Value {
    json!({"using": "css selector", "value": css})
}

fn capabilities(binary: &Path, profile: &Path, script: bool) -> Value {
    let profile = format!("--user-data-dir={}", profile.display());
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        &profile,
    ];
    let scripts = if script { 1 } else { 2 };
    json!({"capabilities": {"alwaysMatch": {
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": binary,
            "args": flags,
            "prefs": {"profile.managed_default_content_settings.javascript": scripts},
        },
    }}})
}
