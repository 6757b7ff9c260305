//! axe-core over a page. `tests/journeys/axe/install` gets it; CI does so first.

use std::path::Path;

use serde_json::{Value, json};

use super::chromium::Chromium;

/// The script of axe-core.
pub(super) struct Axe(String);

impl Axe {
    /// Loads the script. Prints a message and returns `None` if `install` was not run.
    #[expect(clippy::print_stdout, reason = "tells the person who runs the tests what was skipped and why")]
    pub(super) fn load() -> Option<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/axe/node_modules/axe-core/axe.min.js");
        if let Ok(script) = std::fs::read_to_string(file) {
            return Some(Self(script));
        }
        println!("skipped: axe-core is not there; tests/journeys/axe/install gets it");
        None
    }

    /// The violations of the page that are `serious` or `critical`, each with the elements that have it.
    pub(super) async fn violations(&self, browser: &Chromium) -> Vec<String> {
        // DevTools are no part of the page, whose policy therefore does not stop the script.
        browser.devtools("Runtime.evaluate", json!({"expression": self.0})).await;
        let run = "axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations))";
        let parameters = json!({"expression": run, "awaitPromise": true, "returnByValue": true});
        let answer = browser.devtools("Runtime.evaluate", parameters).await;
        let found: Vec<Value> = serde_json::from_str(answer["result"]["value"].as_str().unwrap()).unwrap();
        let mut violations = Vec::new();
        for violation in found {
            if violation["impact"] != "serious" && violation["impact"] != "critical" {
                continue;
            }
            for node in violation["nodes"].as_array().unwrap() {
                violations.push(format!("{}: {} {}", violation["id"], node["html"], node["failureSummary"]));
            }
        }
        violations
    }
}
