//! The main job, from the first event to the last.

use super::DAY;
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::Deployment;

#[tokio::test]
async fn an_org_authorises_its_pair_is_minted_kept_fresh_vended_and_ended() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");

    let authorized = world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.token(&reports, &org).await.status, 404);
    assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "active"})]);

    let vended = world.token(&reports, &org).await;
    assert_eq!((vended.status, vended.header("cache-control")), (200, "no-store"));
    let first = vended.json()["access_token"].as_str().unwrap().to_owned();
    assert!(world.sim.webex.is_alive(&first));

    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["renewed"], 2, "the minter and the org");
    let second = world.token(&reports, &org).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);

    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    assert_eq!(world.deliver(&reports, &deauthorized).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
    world.wait(SignedDuration::from_secs(61));
    assert_eq!(world.token(&reports, &org).await.status, 410);

    world.wait(SignedDuration::from_secs(300));
    assert_eq!(world.sweep().await["retired"], 1);
    assert_eq!(world.token(&reports, &org).await.status, 410);
    assert_eq!(world.document(&reports, &org).unwrap()["access_token"], json!(null));
}
