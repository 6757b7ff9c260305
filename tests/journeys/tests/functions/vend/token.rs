//! `GET …/token`: the answer, the forms of the subject, the bounds of `min_ttl`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_core::clock::Clock as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::webex::ids;

use super::{DAY, TestDeployment, path};
use crate::harness::TestRequest;

#[tokio::test]
async fn answer_has_the_fields_of_the_contract() {
    let deployment = TestDeployment::new().await;
    let minted = deployment.token(&deployment.org, "").await;
    assert_eq!(minted.status, 200);
    let record = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    let expected = json!({"access_token": record["access_token"], "token_type": "Bearer",
        "expires_in": deployment.left(&minted), "expires_at": record["access_token_expires_at"], "app": "reports",
        "subject": "ce861fba-6e2f-49f9-9a84-b354008fac9e"});
    assert_eq!(minted.json(), expected);
    assert!(deployment.world.sim.webex.is_alive(&deployment.stored()));

    deployment.world.wait(DAY * 8);
    assert_eq!(deployment.world.sweep().await["renewed"], 2);
    let refreshed = deployment.token(&deployment.org, "").await.json();
    assert_eq!(refreshed["scope"], "spark:people_read guest-issuer:write", "which minting did not say");
}

#[tokio::test]
async fn expires_in_is_rounded_down() {
    let deployment = TestDeployment::new().await;
    for _ in 0..5 {
        deployment.world.wait(SignedDuration::from_millis(10_250));
        let answer = deployment.token(&deployment.org, "").await;
        assert_eq!(answer.json()["expires_in"], deployment.left(&answer), "rounded down: never more than there is");
    }
}

#[tokio::test]
async fn subject_takes_all_forms_of_an_org_id() {
    let deployment = TestDeployment::new().await;
    let padded = ids::padded_org_id(&deployment.org);
    let urn = format!("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/{}", deployment.org);
    for written in [
        deployment.org.clone(),
        deployment.org.to_uppercase(),
        ids::org_id(&deployment.org),
        padded.replace('=', "%3D"),
        padded.clone(),
        ids::bare_org_id(&deployment.org),
        STANDARD.encode(urn).replace('/', "%2F").replace('+', "%2B"),
    ] {
        let answer = deployment.token(&written, "").await;
        assert_eq!(answer.status, 200, "{written}");
        assert_eq!(answer.json()["subject"], deployment.org.as_str(), "{written}");
    }
}

#[tokio::test]
async fn invalid_subject_is_400() {
    let deployment = TestDeployment::new().await;
    let person = ids::encode("PEOPLE", &deployment.org);
    let long = "a".repeat(65);
    for written in ["A_B", "-a", "%20", "a%2Fb", "%C3%A4", "..", person.as_str(), long.as_str()] {
        let answer = deployment.token(written, "").await;
        assert_eq!((answer.status, answer.problem()), (400, "bad-request".to_owned()), "{written}");
    }
    assert_eq!(deployment.token("default", "").await.status, 404, "a name that could be one");
}

#[tokio::test]
async fn min_ttl_is_a_whole_number_from_0_to_604800() {
    let deployment = TestDeployment::new().await;
    let table = [
        ("", 200),
        ("?min_ttl=0", 200),
        ("?min_ttl=300", 200),
        ("?min_ttl=604800", 200),
        ("?other=1", 200),
        ("?ttl=1", 200),
        ("?minttl=1", 400),
        ("?min-ttl=1", 400),
        ("?minTtl=1", 400),
        ("?min_ttl=1&min_tll=1", 400),
        ("?min_ttl=604801", 400),
        ("?min_ttl=-1", 400),
        ("?min_ttl=abc", 400),
        ("?min_ttl=", 400),
        ("?min_ttl=1.5", 400),
        ("?min_ttl=1e3", 400),
        ("?min_ttl=%2B5", 400),
        ("?min_ttl=99999999999999999999", 400),
        ("?min_ttl=300&min_ttl=300", 400),
    ];
    for (query, status) in table {
        let answer = deployment.token(&deployment.org, query).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        assert_eq!(status == 400, answer.text.contains("min_ttl"), "{query}: the problem names the parameter");
    }
}

#[tokio::test]
async fn min_ttl_defaults_to_five_minutes() {
    let deployment = TestDeployment::new().await;
    let ends: Timestamp =
        deployment.token(&deployment.org, "").await.json()["expires_at"].as_str().unwrap().parse().unwrap();
    deployment.world.sim.webex.faults().outage(true);
    deployment.world.wait(ends.duration_since(deployment.world.clock.now()) - SignedDuration::from_secs(300));
    assert_eq!(deployment.token(&deployment.org, "").await.status, 200, "300 seconds are left");
    deployment.world.wait(SignedDuration::from_millis(1));
    assert_eq!(deployment.token(&deployment.org, "").await.status, 503, "not quite, and Webex is down");
}

#[tokio::test]
async fn stage_before_the_path_is_removed() {
    let deployment = TestDeployment::new().await;
    let staged = TestRequest::get(&path(&deployment.org, "token")).stage("prod");
    assert_eq!(deployment.world.at(&deployment.world.vend, &staged).await.status, 200);
}

#[tokio::test]
async fn new_org_is_404_then_409_then_200() {
    let deployment = TestDeployment::new().await;
    let org = "00000000-0000-4000-8000-000000000001";
    let event = deployment.world.sim.webex.authorize(&deployment.app, org);
    assert_eq!(deployment.token(org, "").await.status, 404);
    assert_eq!(deployment.world.deliver(&deployment.app, &event).await.status, 202);
    assert_eq!(deployment.token(org, "").await.status, 404);
    deployment.world.sim.webex.faults().outage(true);
    deployment.world.lambda.drain().await;
    let pending = deployment.token(org, "").await;
    assert_eq!((pending.status, pending.retry_after() > 0), (409, true));
    deployment.world.sim.webex.faults().outage(false);
    deployment.world.sweep().await;
    assert_eq!(deployment.token(org, "").await.status, 200, "no cache holds an org back");
}
