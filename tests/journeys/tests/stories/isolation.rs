//! One grant's failure stops no other grant, and unreadable documents are left unchanged.

use serde_json::{Value, json};
use simulator::secrets;

use super::DAY;
use crate::harness::Deployment;

#[tokio::test]
async fn unreadable_documents_are_reported_and_left_unchanged() {
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
        assert_eq!(
            world.sim.secrets.current_text(&name).as_deref(),
            Some(*text),
            "the unreadable document should be left unchanged"
        );
    }
}

#[tokio::test]
async fn grant_without_its_app_fails_alone() {
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
    let failure = &report["failures"][0];
    assert_eq!((&failure["app"], &failure["subject"]), (&json!("gone"), &json!(org)));
    assert_eq!((&failure["code"], &failure["tracking_id"]), (&json!("unknown_app"), &Value::Null));
    assert_eq!(world.token(&gone, &org).await.status, 200, "its stored token is still valid");
}

#[tokio::test]
async fn apps_and_orgs_have_separate_tokens_and_fences() {
    let world = Deployment::new().await;
    world.minter().await;
    let apps = [world.app("reports"), world.app("onboarding")];
    let orgs: Vec<_> = (0..3).map(|n| world.sim.webex.add_org(&format!("customer-{n}"))).collect();
    for app in &apps {
        for org in &orgs {
            world.onboard(app, org).await;
        }
    }
    let deauthorized = world.sim.webex.deauthorize(&apps[0], &orgs[1]);
    world.deliver(&apps[0], &deauthorized).await;
    world.lambda.drain().await;
    let mut tokens = std::collections::BTreeSet::new();
    for app in &apps {
        for org in &orgs {
            let vended = world.token(app, org).await;
            let is_fenced = app.name == "reports" && *org == orgs[1];
            let expected = if is_fenced { 410 } else { 200 };
            assert_eq!(vended.status, expected, "{} for {org}: {}", app.name, vended.text);
            tokens.extend(vended.json()["access_token"].as_str().map(str::to_owned));
        }
    }
    assert_eq!(tokens.len(), 5, "each of the five other grants should have its own token");
}

#[tokio::test]
async fn refused_write_of_one_grant_stops_no_other_renewal() {
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

/// A minted pair could not be stored: the unreadable record has its name.
#[tokio::test]
async fn unreadable_record_stops_a_mint_for_its_org() {
    let (world, reports, org) = super::ready().await;
    world.describe(&reports, &json!({"orgs": [org]}));
    world.sim.webex.authorize(&reports, &org);
    let name = format!("webex-token-broker/grants/reports/{org}");
    world.sim.secrets.put_text(&name, "{").unwrap();
    let report = world.sweep().await;
    assert_eq!((&report["unreadable"], report["failures"].as_array().unwrap().len()), (&json!(1), 1), "{report}");
    assert_eq!(world.sim.webex.journal().mints(&org), 0, "a pair that cannot be stored should not be minted");
}
