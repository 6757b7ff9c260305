//! Webex fails for hours, or Secrets Manager for a moment.

use serde_json::json;
use simulator::secrets;

use super::{DAY, HOUR, MINUTE};
use crate::harness::Deployment;

#[tokio::test]
async fn five_hour_webex_outage_fails_no_vend() {
    let world = Deployment::new().await;
    world.minter().await;
    let apps = [world.app("reports"), world.app("onboarding")];
    let mut grants = Vec::new();
    for n in 0..12 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(&apps[n % 2], &org).await;
        grants.push((n % 2, org));
        world.wait(HOUR * 13); // so that pairs come due before, during and after the outage
    }
    world.sim.webex.faults().outage(true);
    for _ in 0..20 {
        world.wait(MINUTE * 15);
        world.sweep().await;
        for (app, org) in &grants {
            assert_eq!(world.token(&apps[*app], org).await.status, 200, "the stored token outlives the outage");
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
async fn authorization_during_an_outage_is_served_after_it() {
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
        assert_eq!(world.token(&reports, &org).await.status, 409, "Webex cannot confirm the authorization yet");
    }
    world.sim.webex.faults().outage(false);
    assert_eq!(world.sweep().await["minted"], 1, "the stored hint should be executed after the outage");
    assert_eq!(world.token(&reports, &org).await.status, 200);
}

#[tokio::test]
async fn hint_stays_queued_while_the_store_is_down() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    assert_eq!(world.deliver(&reports, &deauthorized).await.status, 202);
    world.sim.secrets.faults().outage(true);
    assert!(world.lambda.drain().await.is_empty(), "an invocation that cannot store its hint should fail");
    assert_eq!(world.lambda.queued().len(), 1, "Lambda keeps the event of a failed invocation");
    world.sim.secrets.faults().outage(false);
    assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
}

#[tokio::test]
async fn refresh_token_is_not_spent_while_writes_are_refused() {
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
    assert_eq!(world.sweep().await["renewed"], 2, "the minter and the org, now that writes work");
}

#[tokio::test]
async fn write_with_a_lost_answer_is_recognized_as_done() {
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
        let refresh_token = stored["refresh_token"].as_str().unwrap();
        assert!(world.sim.webex.is_refresh_alive(refresh_token), "the newest pair should be stored");
    }
}
