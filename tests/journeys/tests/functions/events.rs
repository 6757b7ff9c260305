//! The events in `events/`, which `cargo lambda invoke --data-file` takes as well: each does what its name says.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::Change;

use crate::harness::{App, Deployment, TestRequest, event};

const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// Whom an event is for, and what comes of it in a deployment with a minter and one org.
enum Expected {
    /// The refresher answers this at a place of its answer.
    Refresher(&'static str, Value),
    /// The same, after the org's grant was retired although the org had not left.
    RefresherAfterRetirement(&'static str, Value),
    /// vend answers with this status.
    Vend(u16),
    /// webhook answers with this status.
    Webhook(u16),
}

/// One line a file.
fn expectations() -> Vec<(&'static str, Expected)> {
    use Expected::{Refresher, RefresherAfterRetirement, Vend, Webhook};
    vec![
        ("apps", Refresher("/apps/1/app", json!("reports"))),
        ("data-sources", Refresher("/renewed", json!(0))), // the app has none
        ("device-poll", Refresher("/error/code", json!("invalid_grant"))), // no device code of Webex's
        ("device-start", Refresher("/interval", json!(2))),
        ("exchange", Refresher("/error/code", json!("invalid_grant"))), // no code of Webex's
        ("fence", Refresher("/state", json!("fenced"))),
        ("import", Refresher("/error/code", json!("invalid_grant"))), // no token of Webex's
        ("import-personal", Refresher("/error/code", json!("http_401"))),
        ("make-link", Refresher("/error/code", json!("invalid_request"))), // the minter's grant works
        ("notify", Refresher("/error/code", json!("no_event_bus"))),
        ("reconcile", Refresher("/state", json!("active"))),
        ("remove", Refresher("/state", json!("revoked"))),
        ("remove-app", Refresher("/removed", json!(1))),
        ("renew", Refresher("/renewed", json!(false))), // Webex says that the token lives
        ("restore", RefresherAfterRetirement("/renewed", json!(true))),
        ("scheduler", Refresher("/scanned", json!(2))),
        ("status", Refresher("/grants/0/app", json!("minter"))), // its page is the first
        ("sweep", Refresher("/scanned", json!(2))),
        ("sweep-allow-retirements", Refresher("/scanned", json!(2))), // stories::retirements shows what it allows
        ("sweep-webhook-url", Refresher("/webhooks_repaired", json!(2))),
        ("unblock", Refresher("/state", json!("active"))), // it was not blocked
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

/// Retires the org's grant: an event says that the org has left, and Webex refuses a mint.
async fn retire(world: &Deployment, app: &App) {
    let stale = world.sim.webex.event(Change::Deauthorized, app, ORG);
    world.deliver_event(app, &stale).await;
    world.wait(SignedDuration::from_mins(6)); // the fence is settled
    world.sim.webex.faults().lag(ORG, 100);
    assert_eq!(world.sweep().await["retired"], 1);
    world.sim.webex.faults().clear();
}

async fn assert_answer(world: &Deployment, name: &str, pointer: &str, value: &Value) {
    let answer = world.ask(event(name)).await;
    assert_eq!(answer.pointer(pointer), Some(value), "{name}: {answer}");
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
        world.onboard(&reports, ORG).await;
        match expected {
            Expected::Refresher(pointer, value) => assert_answer(&world, name, pointer, &value).await,
            Expected::RefresherAfterRetirement(pointer, value) => {
                retire(&world, &reports).await;
                assert_answer(&world, name, pointer, &value).await;
            }
            Expected::Vend(status) => {
                let answer = world.at(&world.vend, &TestRequest(event(name))).await;
                assert_eq!(answer.status, status, "{name}: {}", answer.text);
            }
            Expected::Webhook(status) => {
                let answer = world.at_webhook(&TestRequest(event(name))).await;
                assert_eq!((answer.status, answer.problem()), (status, "bad-signature".to_owned()), "{name}");
            }
        }
    }
}
