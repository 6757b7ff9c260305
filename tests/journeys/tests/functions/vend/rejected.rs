//! `POST …/token/rejected`: a caller reports a token that Webex answered with 401.

use serde_json::json;
use simulator::webex::Endpoint;
use simulator::webex::{Fault, Rotation};
use tokio::task::JoinSet;

use super::{TestDeployment, path, rejection};
use crate::harness::{Answer, TestRequest, answered, to_request};

#[tokio::test]
async fn dead_current_token_is_renewed() {
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
async fn other_digest_gets_the_current_token() {
    let deployment = TestDeployment::new().await;
    let (calls, writes) = (deployment.calls(), deployment.world.sim.secrets.journal().writes());
    for token in ["another", "", "Bearer x"] {
        let answer = deployment.reject(&deployment.org, token).await;
        assert_eq!((answer.status, answer.json()["access_token"].as_str()), (200, Some(deployment.stored().as_str())));
    }
    assert_eq!(deployment.calls(), (calls.0 + 3, calls.1), "one read each, and nothing at Webex");
    assert_eq!(deployment.world.sim.secrets.journal().writes(), writes);
}

/// Twenty concurrent reports, each to an environment of its own.
fn twenty_at_once(deployment: &TestDeployment, old: &str) -> JoinSet<Answer> {
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let (vend, request) = (deployment.world.cold_vend(), rejection(&deployment.org, old));
        callers.spawn(async move { answered(vend.handle(to_request(&request.0)).await) });
    }
    callers
}

fn all_have_the_stored_token(deployment: &TestDeployment, answers: &[Answer], old: &str) {
    assert!(deployment.stored() != old && deployment.world.sim.webex.is_alive(&deployment.stored()));
    for answer in answers {
        let told = (answer.status, &answer.json()["access_token"]);
        assert_eq!(told, (200, &json!(deployment.stored())), "{}", answer.text);
    }
}

#[tokio::test]
async fn twenty_concurrent_reports_cause_one_renewal() {
    for rotation in [Rotation::Rotating, Rotation::Stable] {
        let deployment = TestDeployment::new().await;
        deployment.world.sim.webex.rotation(rotation);
        let old = deployment.stored();
        deployment.world.sim.webex.journal().clear();
        deployment.world.sim.webex.kill(&old);
        all_have_the_stored_token(&deployment, &twenty_at_once(&deployment, &old).join_all().await, &old);
        let journal = deployment.world.sim.webex.journal();
        assert_eq!((journal.refreshes(), journal.mints(&deployment.org)), (1, 0), "{rotation:?}");
    }
}

#[tokio::test]
async fn twenty_successive_reports_cause_one_refresh() {
    let deployment = TestDeployment::new().await;
    let (old, refreshes) = (deployment.stored(), deployment.refreshes());
    deployment.world.sim.webex.kill(&old);
    for _ in 0..20 {
        let answer = deployment.ask_of(&deployment.world.cold_vend(), &rejection(&deployment.org, &old)).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(deployment.refreshes(), refreshes + 1);
}

#[tokio::test]
async fn invalid_digest_is_400_and_case_is_ignored() {
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
async fn dead_refresh_token_leads_to_a_mint() {
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
async fn report_never_ends_a_grant() {
    let deployment = TestDeployment::new().await;
    let old = deployment.stored();
    deployment.world.sim.webex.deauthorize(&deployment.app, &deployment.org);
    deployment.world.wait(jiff::SignedDuration::from_secs(301));
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()), "{}", answer.text);
    let answer = deployment.token(&deployment.org, "").await;
    assert_eq!(answer.json()["access_token"], old.as_str(), "only a sweep ends a grant: {}", answer.text);
}

#[tokio::test]
async fn failed_renewal_is_503_and_is_remembered_for_its_retry_after() {
    let deployment = TestDeployment::new().await;
    let old = deployment.stored();
    deployment.world.sim.webex.kill(&old);
    deployment.world.sim.webex.faults().outage(true);
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (503, "not-renewed".to_owned()));
    assert!(answer.json()["tracking_id"].is_string());
    assert!(!answer.text.contains(&old));
    deployment.world.sim.webex.faults().outage(false);
    let (webex_calls, wait) = (deployment.calls().1, answer.retry_after());
    deployment.world.wait(jiff::SignedDuration::from_secs(5));
    let again = deployment.reject(&deployment.org, &old).await;
    assert_eq!((again.status, again.retry_after()), (503, wait - 5), "the true wait");
    assert_eq!(deployment.calls().1, webex_calls, "neither the refresher nor Webex is asked");
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200, "other requests get what stands");
    // The record may ask for a longer wait than Webex did.
    deployment.world.wait(jiff::SignedDuration::from_mins(2));
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true), "{}", answer.text);
}

#[tokio::test]
async fn living_token_is_returned_and_not_renewed() {
    let org = "a0d10000-0000-4000-8000-00000000000a";
    let deployment = TestDeployment::of(org, &[]).await;
    let (old, refreshes) = (deployment.stored(), deployment.refreshes());
    let writes = deployment.world.sim.secrets.journal().writes();
    for _ in 0..8 {
        let answer = deployment.reject(org, &old).await;
        assert_eq!((answer.status, answer.json()["access_token"].as_str()), (200, Some(old.as_str())));
    }
    assert_eq!(deployment.refreshes(), refreshes);
    assert_eq!(deployment.world.sim.secrets.journal().writes(), writes);
    let lines = crate::harness::lines_about(org);
    let renewed: Vec<_> =
        lines.iter().filter(|line| line["outcome"] == "vended").map(|line| &line["renewed"]).collect();
    assert_eq!(renewed, [&json!(false); 8]);
}

#[tokio::test]
async fn fifth_renewal_of_a_day_is_429() {
    let deployment = TestDeployment::new().await;
    for _ in 0..4 {
        let old = deployment.stored();
        deployment.world.sim.webex.kill(&old);
        let answer = deployment.reject(&deployment.org, &old).await;
        assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true), "{}", answer.text);
        deployment.world.wait(jiff::SignedDuration::from_hours(1));
    }
    let old = deployment.stored();
    deployment.world.sim.webex.kill(&old);
    let refreshes = deployment.refreshes();
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.problem()), (429, "throttled".to_owned()), "{}", answer.text);
    let wait = answer.retry_after();
    assert!((3600..=86_400).contains(&wait), "until the first of the four is a day old, not {wait} s");
    let again = deployment.reject(&deployment.org, &old).await;
    assert_eq!((again.status, again.retry_after()), (429, wait));
    assert_eq!(deployment.refreshes(), refreshes);
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200, "the token that stands is vended");
}

#[tokio::test]
async fn reissued_token_is_replaced_by_a_minted_one() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.configure(|it| it.reuse_within = Some(jiff::SignedDuration::from_hours(24)));
    let old = deployment.stored();
    deployment.world.sim.webex.kill(&old);
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true), "{}", answer.text);
}

#[tokio::test]
async fn token_of_another_renewal_is_returned_after_a_failed_one() {
    let deployment = TestDeployment::new().await;
    let old = deployment.stored();
    deployment.world.sim.webex.kill(&old);
    let gone = Fault::OAuthError { status: 400, code: "invalid_grant" };
    deployment.world.sim.webex.faults().fail_next(Endpoint::Refresh, 9, gone);
    deployment.world.sim.webex.faults().fail_next(Endpoint::Mint, 9, Fault::NonJson(502));
    assert_eq!(deployment.reject(&deployment.org, &old).await.status, 503);
    deployment.world.sim.webex.faults().clear();
    deployment.world.sweep().await;
    let answer = deployment.reject(&deployment.org, &old).await;
    assert_eq!((answer.status, answer.json()["access_token"] != json!(old)), (200, true));
}
