//! The events in `events/`, which `cargo lambda invoke --data-file` takes as well: each does what its name says.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Deployment, TestRequest, event};

/// Whom an event is for, and what comes of it in a deployment with a minter and one org.
enum Expected {
    /// The refresher answers this at a place of its answer.
    Refresher(&'static str, Value),
    /// vend answers with this status.
    Vend(u16),
    /// webhook answers with this status.
    Webhook(u16),
}

/// One line a file.
fn expectations() -> Vec<(&'static str, Expected)> {
    use Expected::{Refresher, Vend, Webhook};
    vec![
        ("apps", Refresher("/apps/1/app", json!("reports"))),
        ("device-poll", Refresher("/error/code", json!("invalid_grant"))), // no device code of Webex's
        ("device-start", Refresher("/interval", json!(2))),
        ("exchange", Refresher("/error/code", json!("invalid_grant"))), // no code of Webex's
        ("fence", Refresher("/state", json!("fenced"))),
        ("import", Refresher("/error/code", json!("invalid_grant"))), // no token of Webex's
        ("import-personal", Refresher("/error/code", json!("http_401"))),
        ("reconcile", Refresher("/state", json!("active"))),
        ("renew", Refresher("/renewed", json!(false))), // Webex says that the token lives
        ("scheduler", Refresher("/scanned", json!(2))),
        ("sweep", Refresher("/scanned", json!(2))),
        ("sweep-webhook-url", Refresher("/webhooks_repaired", json!(2))),
        ("verify", Refresher("/alive", json!(true))),
        ("vend-guest", Vend(200)),
        ("vend-health", Vend(200)),
        ("vend-list", Vend(200)),
        ("vend-rejected", Vend(200)),
        ("vend-token", Vend(200)),
        ("webhook", Webhook(401)), // nobody can sign a file for a secret to come
        ("webhook-gateway", Webhook(401)),
    ]
}

fn files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn each_event_does_what_its_name_says() {
    let expectations = expectations();
    let known: BTreeSet<_> = expectations.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files(), known, "a file without an expectation, or the other way round");
    for (name, expected) in expectations {
        let world = Deployment::new().await;
        world.minter().await;
        let reports = world.app("reports");
        world.onboard(&reports, "ce861fba-6e2f-49f9-9a84-b354008fac9e").await;
        let event = event(name);
        match expected {
            Expected::Refresher(pointer, value) => {
                let answer = world.ask(event).await;
                assert_eq!(answer.pointer(pointer), Some(&value), "{name}: {answer}");
            }
            Expected::Vend(status) => {
                let answer = world.at(&world.vend, &TestRequest(event)).await;
                assert_eq!(answer.status, status, "{name}: {}", answer.text);
            }
            Expected::Webhook(status) => {
                let answer = world.at_webhook(&TestRequest(event)).await;
                assert_eq!((answer.status, answer.problem()), (status, "bad-signature".to_owned()), "{name}");
            }
        }
    }
}
