//! Which answers come from memory and which need a read.

use jiff::SignedDuration;

use super::{TestDeployment, path};
use crate::harness::TestRequest;

const TTL: SignedDuration = SignedDuration::from_secs(60);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

#[tokio::test]
async fn warm_vend_makes_no_call() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    let calls = deployment.calls();
    for query in ["", "?min_ttl=0", "?min_ttl=604800", ""] {
        assert_eq!(deployment.token(&deployment.org, query).await.status, 200);
    }
    assert_eq!(deployment.token(&deployment.org.to_uppercase(), "").await.status, 200);
    deployment.world.wait(TTL - MOMENT);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(deployment.calls(), calls);
    deployment.world.wait(MOMENT);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(deployment.calls(), (calls.0 + 2, calls.1), "looked for a mark and read again");
    deployment.world.wait(TTL);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    assert_eq!(
        deployment.calls(),
        (calls.0 + 3, calls.1),
        "there is no mark; read again after CACHE_TTL, and Webex never"
    );
}

#[tokio::test]
async fn fence_is_seen_after_cache_ttl() {
    let deployment = TestDeployment::new().await;
    let (warm, org) = (&deployment.world.vend, deployment.org.clone());
    let ask = TestRequest::get(&path(&org, "token"));
    assert_eq!(deployment.ask_of(warm, &ask).await.status, 200);
    deployment.fence().await;
    assert_eq!(deployment.ask_of(&deployment.world.cold_vend(), &ask).await.status, 410, "a cold one sees it at once");
    deployment.world.wait(TTL);
    let answer = deployment.ask_of(warm, &ask).await;
    assert_eq!((answer.status, answer.problem()), (410, "fenced".to_owned()));
}

#[tokio::test]
async fn cache_ttl_is_configurable() {
    for (ttl, status) in [("0", 410), ("3600", 200)] {
        let deployment = TestDeployment::with(&[("CACHE_TTL", ttl)]).await;
        assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
        deployment.fence().await;
        assert_eq!(deployment.token(&deployment.org, "").await.status, status, "CACHE_TTL={ttl}");
    }
}

#[tokio::test]
async fn refusal_is_never_from_memory() {
    let deployment = TestDeployment::new().await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
    deployment.fence().await;
    deployment.world.wait(TTL);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 410);
    deployment.world.onboard(&deployment.app, &deployment.org).await;
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200, "the fence is gone, and vend knows");
}

#[tokio::test]
async fn unreadable_record_is_503_and_unchanged() {
    let deployment = TestDeployment::new().await;
    let name = format!("webex-token-broker/grants/reports/{}", deployment.org);
    let good = deployment.world.sim.secrets.current_text(&name).unwrap();
    let broken = [
        "",
        "{",
        "[]",
        "{}",
        r#"{"version":2}"#,
        &good.replace(r#""version":1"#, r#""version":9"#),
        &good.replace(r#""active""#, r#""unknown""#),
        &good.replace("reports", "exports"),
        &good.replace("access_token\"", "other\""),
    ];
    for text in broken {
        assert_ne!(text, good);
        deployment.world.sim.secrets.put_text(&name, text).unwrap();
        let answer = deployment.token(&deployment.org, "").await;
        assert_eq!((answer.status, answer.retry_after() > 0), (503, true), "{text}");
        assert_eq!(deployment.world.sim.secrets.current_text(&name).unwrap(), text);
    }
    deployment.world.sim.secrets.put_text(&name, &good).unwrap();
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200);
}

#[tokio::test]
async fn retired_grant_is_410_until_its_deletion() {
    let deployment = TestDeployment::new().await;
    deployment.fence().await;
    deployment.world.wait(SignedDuration::from_secs(301));
    assert_eq!(deployment.world.sweep().await["retired"], 1);
    let name = format!("webex-token-broker/grants/reports/{}", deployment.org);
    assert!(deployment.world.sim.secrets.is_scheduled_for_deletion(&name));
    let answer = deployment.token(&deployment.org, "").await;
    assert_eq!((answer.status, answer.problem()), (410, "revoked".to_owned()));
    deployment.world.wait(SignedDuration::from_hours(8 * 24));
    assert_eq!(deployment.token(&deployment.org, "").await.status, 404);
}
