//! A caller reports that Webex answered 401 to its token. Webex is asked before anything is renewed.

use broker_core::token::AccessToken;
use serde_json::json;

use super::{DAY, HOUR, MINUTE, SETTLED, active_token, ready, versions_within_a_day};
use crate::harness::{Answer, App, Deployment};

/// Reports the newest token of the org as rejected.
async fn reject(world: &Deployment, app: &App, org: &str) -> Answer {
    let sha256 = AccessToken::new(active_token(world, app, org)).fingerprint().hex();
    let path = format!("/v1/apps/{}/grants/{org}/token/rejected", app.name);
    world.call("POST", &path, Some(json!({"access_token_sha256": sha256}))).await
}

#[tokio::test]
async fn rejected_token_that_lives_is_returned_without_a_renewal() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let token = active_token(&world, &reports, &org);
    let versions = versions_within_a_day(&world, &reports, &org);
    world.sim.webex.journal().clear();
    for _ in 0..8 {
        let answer = reject(&world, &reports, &org).await;
        assert_eq!((answer.status, &answer.json()["access_token"]), (200, &json!(token)), "{}", answer.text);
        world.wait(MINUTE);
    }
    assert_eq!(world.sim.webex.journal().refreshes(), 0, "a token that lives needs no renewal");
    assert_eq!(versions_within_a_day(&world, &reports, &org), versions, "no version should be written");
    assert_eq!(world.sim.webex.live_tokens(&reports, &org), 1);
}

#[tokio::test]
async fn rejected_dead_tokens_are_renewed_four_times_a_day() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.sim.webex.journal().clear();
    for n in 1..=6 {
        world.sim.webex.kill(&active_token(&world, &reports, &org));
        let answer = reject(&world, &reports, &org).await;
        let expected = if n <= 4 { 200 } else { 429 };
        assert_eq!(answer.status, expected, "rejection {n}: {}", answer.text);
        if answer.status == 429 {
            assert_ne!(answer.header("retry-after"), "", "the caller should learn when to ask again");
        }
        world.wait(HOUR);
    }
    assert_eq!(world.sim.webex.journal().refreshes(), 4);
    world.wait(DAY);
    assert_eq!(reject(&world, &reports, &org).await.status, 200, "a day later there is room again");
}

/// The token is dead, and Webex refuses both a refresh and a mint. The caller's report does not end the grant.
#[tokio::test]
async fn rejected_token_of_a_departed_org_waits_for_the_sweep() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    world.sim.webex.deauthorize(&reports, &org); // its event is lost
    world.wait(SETTLED);
    let answer = reject(&world, &reports, &org).await;
    assert_eq!((answer.status, answer.problem().as_str()), (503, "not-renewed"), "{}", answer.text);
    assert_ne!(answer.header("retry-after"), "", "the caller should learn when to ask again");
    assert_eq!(world.state(&reports, &org), "active", "a caller's request ends no grant");
    assert_eq!(world.token(&reports, &org).await.status, 200, "the stored token stays vendable");
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1, "the sweep has the evidence");
    assert_eq!(world.token(&reports, &org).await.status, 410);
}
