//! The life of one grant, from the `authorized` event to the `deauthorized` one.

use super::DAY;
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::Deployment;

#[tokio::test]
async fn grant_is_minted_vended_renewed_fenced_and_retired() {
    let world = Deployment::new().await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");

    let authorized = world.sim.webex.authorize(&reports, &org);
    assert_eq!(world.token(&reports, &org).await.status, 404, "no event has been delivered yet");
    assert_eq!(world.deliver(&reports, &authorized).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "active"})]);

    let vended = world.token(&reports, &org).await;
    assert_eq!((vended.status, vended.header("cache-control")), (200, "no-store"));
    let first = vended.json()["access_token"].as_str().unwrap().to_owned();
    assert!(world.sim.webex.is_alive(&first), "Webex should accept the vended token");

    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["renewed"], 2, "the minter's pair and the org's are due");
    let second = world.token(&reports, &org).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second, "vend answers with the renewed token");

    let deauthorized = world.sim.webex.deauthorize(&reports, &org);
    assert_eq!(world.deliver(&reports, &deauthorized).await.status, 202);
    assert_eq!(world.lambda.drain().await, [json!({"state": "fenced"})]);
    world.wait(SignedDuration::from_secs(61));
    assert_eq!(world.token(&reports, &org).await.status, 410, "a warm vend sees the fence after CACHE_TTL");

    world.wait(SignedDuration::from_secs(300));
    assert_eq!(world.sweep().await["retired"], 1, "FENCE_SETTLE is over, and Webex confirms");
    assert_eq!(world.token(&reports, &org).await.status, 410, "a retired grant is not vended");
    let stored = world.document(&reports, &org).unwrap();
    assert_eq!(stored["access_token"], json!(null), "the current version of a retired grant holds no token");
}
