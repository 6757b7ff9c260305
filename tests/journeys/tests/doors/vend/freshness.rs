//! From memory where that may be, from the store where it must be.

use jiff::SignedDuration;

use super::{Desk, path};
use crate::harness::Knock;

const TTL: SignedDuration = SignedDuration::from_secs(60);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

#[tokio::test]
async fn a_warm_vend_makes_no_call_at_all() {
    let desk = Desk::new().await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    let calls = desk.calls();
    for query in ["", "?min_ttl=0", "?min_ttl=604800", ""] {
        assert_eq!(desk.token(&desk.org, query).await.status, 200);
    }
    assert_eq!(desk.token(&desk.org.to_uppercase(), "").await.status, 200);
    desk.world.wait(TTL - MOMENT);
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    assert_eq!(desk.calls(), calls);
    desk.world.wait(MOMENT);
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    assert_eq!(desk.calls(), (calls.0 + 1, calls.1), "read again after CACHE_TTL, and Webex never");
}

#[tokio::test]
async fn a_fence_goes_unseen_for_cache_ttl_at_most() {
    let desk = Desk::new().await;
    let (warm, org) = (&desk.world.vend, desk.org.clone());
    let ask = Knock::get(&path(&org, "token"));
    assert_eq!(desk.ask_of(warm, &ask).await.status, 200);
    desk.fence().await;
    assert_eq!(desk.ask_of(&desk.world.cold_vend(), &ask).await.status, 410, "a cold one sees it at once");
    desk.world.wait(TTL);
    let answer = desk.ask_of(warm, &ask).await;
    assert_eq!((answer.status, answer.problem()), (410, "fenced".to_owned()));
}

#[tokio::test]
async fn cache_ttl_is_the_operators_to_choose() {
    for (ttl, status) in [("0", 410), ("3600", 200)] {
        let desk = Desk::with(&[("CACHE_TTL", ttl)]).await;
        assert_eq!(desk.token(&desk.org, "").await.status, 200);
        desk.fence().await;
        assert_eq!(desk.token(&desk.org, "").await.status, status, "CACHE_TTL={ttl}");
    }
}

#[tokio::test]
async fn a_refusal_is_never_from_memory() {
    let desk = Desk::new().await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
    desk.fence().await;
    desk.world.wait(TTL);
    assert_eq!(desk.token(&desk.org, "").await.status, 410);
    desk.world.onboard(&desk.app, &desk.org).await;
    assert_eq!(desk.token(&desk.org, "").await.status, 200, "the fence is gone, and vend knows");
}

#[tokio::test]
async fn a_record_that_breaks_is_503_and_is_left_alone() {
    let desk = Desk::new().await;
    let name = format!("webex-token-broker/grants/reports/{}", desk.org);
    let good = desk.world.sim.secrets.current_text(&name).unwrap();
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
        desk.world.sim.secrets.put_text(&name, text).unwrap();
        let answer = desk.token(&desk.org, "").await;
        assert_eq!((answer.status, answer.retry_after() > 0), (503, true), "{text}");
        assert_eq!(desk.world.sim.secrets.current_text(&name).unwrap(), text);
    }
    desk.world.sim.secrets.put_text(&name, &good).unwrap();
    assert_eq!(desk.token(&desk.org, "").await.status, 200);
}

#[tokio::test]
async fn a_retired_grant_is_410_until_it_is_deleted_and_404_after() {
    let desk = Desk::new().await;
    desk.fence().await;
    desk.world.wait(SignedDuration::from_secs(301));
    assert_eq!(desk.world.sweep().await["retired"], 1);
    let name = format!("webex-token-broker/grants/reports/{}", desk.org);
    assert!(desk.world.sim.secrets.is_scheduled_for_deletion(&name));
    let answer = desk.token(&desk.org, "").await;
    assert_eq!((answer.status, answer.problem()), (410, "revoked".to_owned()));
    desk.world.wait(SignedDuration::from_hours(8 * 24));
    assert_eq!(desk.token(&desk.org, "").await.status, 404);
}
