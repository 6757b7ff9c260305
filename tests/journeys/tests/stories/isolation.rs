//! Each grant fails by itself, and what cannot be read is left alone.

use serde_json::{Value, json};
use simulator::secrets;

use super::DAY;
use crate::harness::Deployment;

#[tokio::test]
async fn unreadable_documents_are_reported_left_alone_and_stop_nothing() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    let broken = ["{", r#"{"version":2}"#, r#"{"version":1,"app":"other","subject":"x","state":"active"}"#, "[]"];
    for (n, text) in broken.iter().enumerate() {
        world.sim.secrets.put_text(&format!("webex-token-broker/grants/reports/broken-{n}"), text).unwrap();
    }
    world.sim.secrets.put_text("webex-token-broker/grants/nonsense", "{}").unwrap();
    world.sim.secrets.put_text("webex-token-broker/apps/broken", "{}").unwrap();
    world.wait(DAY * 8);
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["unreadable"], &report["scanned"]), (&json!(2), &json!(6), &json!(7)));
    let codes: Vec<_> = report["failures"].as_array().unwrap().iter().map(|failure| &failure["code"]).collect();
    assert_eq!(codes, vec![&json!("unreadable"); 6]);
    for (n, text) in broken.iter().enumerate() {
        let name = format!("webex-token-broker/grants/reports/broken-{n}");
        assert_eq!(world.sim.secrets.current_text(&name).as_deref(), Some(*text), "left as it was");
    }
}

#[tokio::test]
async fn a_grant_of_an_app_that_nobody_describes_fails_alone() {
    let world = Deployment::new().await;
    world.minter().await;
    let (reports, gone) = (world.app("reports"), world.app("gone"));
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.onboard(&gone, &org).await;
    assert!(world.sim.secrets.remove("webex-token-broker/apps/gone"));
    world.wait(DAY * 8);
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["failing"]), (&json!(2), &json!(1)));
    assert_eq!(
        report["failures"][0],
        json!({"app": "gone", "subject": org, "code": "unknown_app", "tracking_id": Value::Null})
    );
    assert_eq!(world.token(&gone, &org).await.status, 200, "its pair still works");
}

#[tokio::test]
async fn two_apps_and_three_orgs_do_not_meddle_with_each_other() {
    let world = Deployment::new().await;
    world.minter().await;
    let apps = [world.app("reports"), world.app("onboarding")];
    let orgs: Vec<_> = (0..3).map(|n| world.sim.webex.add_org(&format!("customer-{n}"))).collect();
    for app in &apps {
        for org in &orgs {
            world.onboard(app, org).await;
        }
    }
    let withdrawn = world.sim.webex.deauthorize(&apps[0], &orgs[1]);
    world.deliver(&apps[0], &withdrawn).await;
    world.lambda.drain().await;
    let mut tokens = std::collections::BTreeSet::new();
    for app in &apps {
        for org in &orgs {
            let vended = world.token(app, org).await;
            let ended = app.name == "reports" && *org == orgs[1];
            assert_eq!(vended.status, if ended { 410 } else { 200 });
            tokens.extend(vended.json()["access_token"].as_str().map(str::to_owned));
        }
    }
    assert_eq!(tokens.len(), 5, "everybody has a token of their own");
}

#[tokio::test]
async fn a_record_that_takes_no_writes_stops_nobody_elses_renewal() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    for n in 0..3 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(&reports, &org).await;
    }
    world.wait(DAY * 8);
    let full = secrets::Fault::Error("LimitExceededException");
    world.sim.secrets.faults().fail_next(secrets::Operation::PutSecretValue, 1, full);
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], &report["failing"]), (&json!(3), &json!(1)), "{report}");
}

/// There is a record, and what is minted could not be stored beside it.
#[tokio::test]
async fn nothing_is_minted_for_an_org_whose_record_cannot_be_read() {
    let (world, reports, org) = super::ready().await;
    world.describe(&reports, &json!({"orgs": [org]}));
    world.sim.webex.authorize(&reports, &org);
    let name = format!("webex-token-broker/grants/reports/{org}");
    world.sim.secrets.put_text(&name, "{").unwrap();
    let report = world.sweep().await;
    assert_eq!((&report["unreadable"], report["failures"].as_array().unwrap().len()), (&json!(1), 1), "{report}");
    assert_eq!(world.sim.webex.journal().mints(&org), 0);
}
