//! `POST …/token/rejected`: Webex answered 401 to a token.

use serde_json::json;
use simulator::webex::Endpoint;
use simulator::webex::{Fault, Rotation};
use tokio::task::JoinSet;

use super::{TestDeployment, path, rejection};
use crate::harness::{Answer, TestRequest, answered, to_request};

#[tokio::test]
async fn the_current_one_is_renewed_and_the_new_one_vended() {
    let deployment = TestDeployment::new().await;
    let (old, refreshes) = (deployment.stored(), deployment.refreshes());
    deployment.world.sim.webex.kill(&old);
    assert_eq!(deployment.token(&deployment.org, "").await.json()["access_token"], old.as_str());
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["access_token"], deployment.stored().as_str());
    assert_ne!(deployment.stored(), old);
    assert_eq!(answer.json()["expires_in"], deployment.left(&answer));
    assert_eq!(deployment.refreshes(), refreshes + 1);
    assert_eq!(
        deployment.token(&deployment.org, "").await.json()["access_token"],
        deployment.stored().as_str(),
        "from now on"
    );
}

#[tokio::test]
async fn one_that_is_not_current_costs_nothing() {
    let deployment = TestDeployment::new().await;
    let (calls, writes) = (deployment.calls(), deployment.world.sim.secrets.journal().writes());
    for token in ["another", "", "Bearer x"] {
        let answer = deployment.reject(&deployment.org, token).await;
        assert_eq!((answer.status, answer.json()["access_token"].as_str()), (200, Some(deployment.stored().as_str())));
    }
    assert_eq!(deployment.calls(), (calls.0 + 3, calls.1), "one read each, and nothing at Webex");
    assert_eq!(deployment.world.sim.secrets.journal().writes(), writes);
}

/// Twenty callers who find out at once, each at a vend of its own.
fn twenty_at_once(deployment: &TestDeployment, old: &str) -> JoinSet<Answer> {
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let (vend, request) = (deployment.world.cold_vend(), rejection(&deployment.org, old));
        callers.spawn(async move { answered(vend.handle(to_request(&request.0)).await) });
    }
    callers
}

fn each_has_the_stored_one(deployment: &TestDeployment, answers: &[Answer], old: &str) {
    assert!(deployment.stored() != old && deployment.world.sim.webex.is_alive(&deployment.stored()));
    for answer in answers {
        let told = (answer.status, &answer.json()["access_token"]);
        assert_eq!(told, (200, &json!(deployment.stored())), "{}", answer.text);
    }
}

/// Whether Webex would let each of them refresh, or only the first.
#[tokio::test]
async fn twenty_who_say_so_at_once_cost_one_renewal() {
    for rotation in [Rotation::Rotating, Rotation::Stable] {
        let deployment = TestDeployment::new().await;
        deployment.world.sim.webex.rotation(rotation);
        let old = deployment.stored();
        deployment.world.sim.webex.journal().clear();
        deployment.world.sim.webex.kill(&old);
        each_has_the_stored_one(&deployment, &twenty_at_once(&deployment, &old).join_all().await, &old);
        let journal = deployment.world.sim.webex.journal();
        assert_eq!((journal.refreshes(), journal.mints(&deployment.org)), (1, 0), "{rotation:?}");
    }
}

#[tokio::test]
async fn one_after_another_cost_one_refresh_as_well() {
    let deployment = TestDeployment::new().await;
    let (old, refreshes) = (deployment.stored(), deployment.refreshes());
    for _ in 0..20 {
        let answer = deployment.ask_of(&deployment.world.cold_vend(), &rejection(&deployment.org, &old)).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(deployment.refreshes(), refreshes + 1);
}

#[tokio::test]
async fn a_digest_that_is_none_is_400_and_read_in_either_case() {
    let deployment = TestDeployment::new().await;
    let at = path(&deployment.org, "token/rejected");
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
        let answer = deployment.ask(&TestRequest::post(&at, &body)).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(status == 400, answer.text.contains("access_token_sha256"), "{body}: says what is expected");
    }
    for text in ["", "{", "access_token_sha256=00"] {
        assert_eq!(deployment.ask(&TestRequest::post(&at, &json!(0)).text(text)).await.status, 400, "{text}");
    }
}

#[tokio::test]
async fn a_dead_refresh_token_is_minted_over() {
    let deployment = TestDeployment::new().await;
    let record = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    let (old, mints) = (deployment.stored(), deployment.world.sim.webex.journal().mints(&deployment.org));
    deployment.world.sim.webex.kill(record["refresh_token"].as_str().unwrap());
    deployment.world.sim.webex.kill(&old);
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true));
    assert_eq!(deployment.world.sim.webex.journal().mints(&deployment.org), mints + 1);
}

#[tokio::test]
async fn an_org_that_is_gone_for_good_is_410() {
    let deployment = TestDeployment::new().await;
    let old = deployment.stored();
    deployment.world.sim.webex.deauthorize(&deployment.app, &deployment.org);
    deployment.world.wait(jiff::SignedDuration::from_secs(301));
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (410, "revoked".to_owned()));
    assert_eq!(deployment.token(&deployment.org, "").await.status, 410);
    assert_eq!(deployment.reject(&deployment.org, &old).await.status, 410);
}

#[tokio::test]
async fn while_webex_is_down_it_is_503_and_never_the_rejected_one() {
    let deployment = TestDeployment::new().await;
    let old = deployment.stored();
    deployment.world.sim.webex.faults().outage(true);
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert!(answer.json()["tracking_id"].is_string());
    assert!(!answer.text.contains(&old));
    deployment.world.sim.webex.faults().outage(false);
    assert_eq!(deployment.reject(&deployment.org, &old).await.status, 200);
}

#[tokio::test]
async fn where_webex_hands_out_the_same_token_again_a_new_one_is_minted() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.configure(|it| it.reuse_within = Some(jiff::SignedDuration::from_hours(24)));
    let old = deployment.stored();
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true), "{}", answer.text);
}

#[tokio::test]
async fn somebody_elses_failure_is_not_ours() {
    let deployment = TestDeployment::new().await;
    let old = deployment.stored();
    let gone = Fault::OAuthError { status: 400, code: "invalid_grant" };
    deployment.world.sim.webex.faults().fail_next(Endpoint::Refresh, 9, gone);
    deployment.world.sim.webex.faults().fail_next(Endpoint::Mint, 9, Fault::NonJson(502));
    assert_eq!(deployment.reject(&deployment.org, &old).await.status, 503);
    deployment.world.sim.webex.faults().clear();
    deployment.world.sweep().await;
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true));
}
