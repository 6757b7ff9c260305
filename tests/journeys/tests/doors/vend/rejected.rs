//! `POST …/token/rejected`: Webex answered 401 to a token.

use serde_json::json;
use simulator::webex::Endpoint;
use simulator::webex::{Fault, Rotation};
use tokio::task::JoinSet;

use super::{Desk, path, rejection};
use crate::harness::{Answer, Knock, answered, to_request};

#[tokio::test]
async fn the_current_one_is_renewed_and_the_new_one_vended() {
    let desk = Desk::new().await;
    let (old, refreshes) = (desk.stored(), desk.refreshes());
    desk.world.sim.webex.kill(&old);
    assert_eq!(desk.token(&desk.org, "").await.json()["access_token"], old.as_str());
    let answer = desk.reject(&desk.org, &old).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["access_token"], desk.stored().as_str());
    assert_ne!(desk.stored(), old);
    assert_eq!(answer.json()["expires_in"], desk.left(&answer));
    assert_eq!(desk.refreshes(), refreshes + 1);
    assert_eq!(desk.token(&desk.org, "").await.json()["access_token"], desk.stored().as_str(), "from now on");
}

#[tokio::test]
async fn one_that_is_not_current_costs_nothing() {
    let desk = Desk::new().await;
    let (calls, writes) = (desk.calls(), desk.world.sim.secrets.journal().writes());
    for token in ["another", "", "Bearer x"] {
        let answer = desk.reject(&desk.org, token).await;
        assert_eq!((answer.status, answer.json()["access_token"].as_str()), (200, Some(desk.stored().as_str())));
    }
    assert_eq!(desk.calls(), (calls.0 + 3, calls.1), "one read each, and nothing at Webex");
    assert_eq!(desk.world.sim.secrets.journal().writes(), writes);
}

/// Twenty callers who find out at once, each at a vend of its own.
fn twenty_at_once(desk: &Desk, old: &str) -> JoinSet<Answer> {
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let (vend, knock) = (desk.world.cold_vend(), rejection(&desk.org, old));
        callers.spawn(async move { answered(vend.handle(to_request(&knock.0)).await) });
    }
    callers
}

fn each_has_the_stored_one(desk: &Desk, answers: &[Answer], old: &str) {
    assert!(desk.stored() != old && desk.world.sim.webex.is_alive(&desk.stored()));
    for answer in answers {
        let told = (answer.status, &answer.json()["access_token"]);
        assert_eq!(told, (200, &json!(desk.stored())), "{}", answer.text);
    }
}

/// Whether Webex would let each of them refresh, or only the first.
#[tokio::test]
async fn twenty_who_say_so_at_once_cost_one_renewal() {
    for rotation in [Rotation::Rotating, Rotation::Stable] {
        let desk = Desk::new().await;
        desk.world.sim.webex.rotation(rotation);
        let old = desk.stored();
        desk.world.sim.webex.journal().clear();
        desk.world.sim.webex.kill(&old);
        each_has_the_stored_one(&desk, &twenty_at_once(&desk, &old).join_all().await, &old);
        let journal = desk.world.sim.webex.journal();
        assert_eq!((journal.refreshes(), journal.mints(&desk.org)), (1, 0), "{rotation:?}");
    }
}

#[tokio::test]
async fn one_after_another_cost_one_refresh_as_well() {
    let desk = Desk::new().await;
    let (old, refreshes) = (desk.stored(), desk.refreshes());
    for _ in 0..20 {
        let answer = desk.ask_of(&desk.world.cold_vend(), &rejection(&desk.org, &old)).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(desk.refreshes(), refreshes + 1);
}

#[tokio::test]
async fn a_digest_that_is_none_is_400_and_read_in_either_case() {
    let desk = Desk::new().await;
    let at = path(&desk.org, "token/rejected");
    let upper = "A".repeat(64);
    let table = [
        (json!({"access_token_sha256": upper}), 200),
        (json!({"access_token_sha256": upper.to_lowercase(), "more": 1}), 200),
        (json!({"access_token_sha256": &upper[1..]}), 400),
        (json!({"access_token_sha256": format!("{upper}0")}), 400),
        (json!({"access_token_sha256": upper.replace('A', "g")}), 400),
        (json!({"access_token_sha256": ""}), 400),
        (json!({"access_token_sha256": null}), 400),
        (json!({"access_token_sha256": 7}), 400),
        (json!({"access_token": "a token"}), 400),
        (json!({}), 400),
        (json!([]), 400),
        (json!("text"), 400),
    ];
    for (body, status) in table {
        let answer = desk.ask(&Knock::post(&at, &body)).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(status == 400, answer.text.contains("access_token_sha256"), "{body}: says what is expected");
    }
    for text in ["", "{", "access_token_sha256=00"] {
        assert_eq!(desk.ask(&Knock::post(&at, &json!(0)).text(text)).await.status, 400, "{text}");
    }
}

#[tokio::test]
async fn a_dead_refresh_token_is_minted_over() {
    let desk = Desk::new().await;
    let record = desk.world.document(&desk.app, &desk.org).unwrap();
    let (old, mints) = (desk.stored(), desk.world.sim.webex.journal().mints(&desk.org));
    desk.world.sim.webex.kill(record["refresh_token"].as_str().unwrap());
    desk.world.sim.webex.kill(&old);
    let answer = desk.reject(&desk.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true));
    assert_eq!(desk.world.sim.webex.journal().mints(&desk.org), mints + 1);
}

#[tokio::test]
async fn an_org_that_is_gone_for_good_is_410() {
    let desk = Desk::new().await;
    let old = desk.stored();
    desk.world.sim.webex.deauthorize(&desk.app, &desk.org);
    desk.world.wait(jiff::SignedDuration::from_secs(301));
    let answer = desk.reject(&desk.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (410, "revoked".to_owned()));
    assert_eq!(desk.token(&desk.org, "").await.status, 410);
    assert_eq!(desk.reject(&desk.org, &old).await.status, 410);
}

#[tokio::test]
async fn while_webex_is_down_it_is_503_and_never_the_rejected_one() {
    let desk = Desk::new().await;
    let old = desk.stored();
    desk.world.sim.webex.faults().outage(true);
    let answer = desk.reject(&desk.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert!(answer.json()["tracking_id"].is_string());
    assert!(!answer.text.contains(&old));
    desk.world.sim.webex.faults().outage(false);
    assert_eq!(desk.reject(&desk.org, &old).await.status, 200);
}

#[tokio::test]
async fn where_webex_hands_out_the_same_token_again_a_new_one_is_minted() {
    let desk = Desk::new().await;
    desk.world.sim.webex.configure(|it| it.reuse_within = Some(jiff::SignedDuration::from_hours(24)));
    let old = desk.stored();
    let answer = desk.reject(&desk.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true), "{}", answer.text);
}

#[tokio::test]
async fn somebody_elses_failure_is_not_ours() {
    let desk = Desk::new().await;
    let old = desk.stored();
    let gone = Fault::OAuthError { status: 400, code: "invalid_grant" };
    desk.world.sim.webex.faults().fail_next(Endpoint::Refresh, 9, gone);
    desk.world.sim.webex.faults().fail_next(Endpoint::Mint, 9, Fault::NonJson(502));
    assert_eq!(desk.reject(&desk.org, &old).await.status, 503);
    desk.world.sim.webex.faults().clear();
    desk.world.sweep().await;
    let answer = desk.reject(&desk.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true));
}
