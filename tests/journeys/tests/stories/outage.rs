//! Webex is away for hours, or Secrets Manager for seconds.

use serde_json::json;
use simulator::secrets;

use super::{DAY, HOUR, MINUTE};
use crate::harness::Deployment;

#[tokio::test]
async fn five_hours_without_webex_cost_no_vend_its_token() {
    let world = Deployment::new().await;
    world.minter().await;
    let apps = [world.app("reports"), world.app("onboarding")];
    let mut grants = Vec::new();
    for n in 0..12 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(&apps[n % 2], &org).await;
        grants.push((n % 2, org));
        world.wait(HOUR * 13); // so that some come due before, during and after the outage
    }
    world.sim.webex.faults().outage(true);
    for _ in 0..20 {
        world.wait(MINUTE * 15);
        world.sweep().await;
        for (app, org) in &grants {
            assert_eq!(world.token(&apps[*app], org).await.status, 200);
        }
    }
    world.sim.webex.faults().outage(false);
    let after = world.sweep().await;
    assert_eq!((&after["failing"], &after["retired"]), (&json!(0), &json!(0)), "{after}");
    for (app, org) in &grants {
        assert_eq!(world.token(&apps[*app], org).await.status, 200);
    }
}

#[tokio::test]
async fn an_authorisation_during_an_outage_is_kept_and_served_after_it() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    let authorized = world.sim.webex.authorize(&reports, &org);
    world.sim.webex.faults().outage(true);
    assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "pending"})]);
    for _ in 0..20 {
        world.wait(MINUTE * 15);
        world.sweep().await;
        assert_eq!(world.token(&reports, &org).await.status, 409);
    }
    world.sim.webex.faults().outage(false);
    assert_eq!(world.sweep().await["minted"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn a_hint_that_cannot_be_stored_stays_in_the_queue() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    assert_eq!(world.deliver(&reports, &deauthorized).await.status, 202);
    world.sim.secrets.faults().outage(true);
    assert!(world.lambda.drain().await.is_empty());
    assert_eq!(world.lambda.queued().len(), 1, "the invocation failed, so that Lambda keeps the event");
    world.sim.secrets.faults().outage(false);
    assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
}

#[tokio::test]
async fn a_refresh_token_is_not_spent_while_the_store_takes_no_writes() {
    let world = Deployment::new().await;
    world.sim.webex.rotation(simulator::webex::Rotation::Rotating);
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    world.sim.webex.journal().clear();
    let denied = secrets::Fault::Error("AccessDeniedException");
    world.sim.secrets.faults().fail_next(secrets::Operation::PutSecretValue, 2, denied);
    let report = world.sweep().await;
    assert_eq!((&report["renewed"], world.sim.webex.journal().refreshes()), (&json!(0), 0), "{report}");
    assert_eq!(world.sweep().await["renewed"], 2);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_done_twice() {
    for operation in [secrets::Operation::PutSecretValue, secrets::Operation::UpdateSecretVersionStage] {
        let world = Deployment::new().await;
        world.sim.webex.rotation(simulator::webex::Rotation::Rotating);
        world.minter().await;
        let reports = world.app("reports");
        let org = world.sim.webex.add_org("customer");
        world.onboard(&reports, &org).await;
        world.wait(DAY * 8);
        world.sim.secrets.faults().fail_next(operation, 2, secrets::Fault::DropAfterEffect);
        let report = world.sweep().await;
        assert_eq!((&report["renewed"], &report["failing"]), (&json!(2), &json!(0)), "{report}");
        let stored = world.document(&reports, &org).unwrap();
        assert!(world.sim.webex.is_refresh_alive(stored["refresh_token"].as_str().unwrap()));
    }
}
