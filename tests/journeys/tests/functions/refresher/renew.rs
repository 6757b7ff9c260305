//! `renew`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{DAY, ORG, TestDeployment, code, sha256};

impl TestDeployment {
    async fn renew(&self, more: Value) -> Value {
        let answer = self.about("renew", more).await;
        let mut fields: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        let known = [&["error"][..], &["renewed", "state"], &["expires_at", "renewed", "state"]];
        assert!(known.contains(&fields.as_slice()), "{answer}");
        answer
    }
}

#[tokio::test]
async fn renew_works_once_the_pair_is_a_day_old() {
    let deployment = TestDeployment::new().await;
    let old = deployment.access_token();
    for more in [json!({}), json!({"reason": "min_ttl"}), json!({"if_sha256": sha256(&old), "reason": "min_ttl"})] {
        deployment.world.wait(SignedDuration::from_hours(5));
        let answer = deployment.renew(more.clone()).await;
        assert_eq!((&answer["state"], &answer["renewed"]), (&json!("active"), &json!(false)), "{more}");
        assert_eq!(answer["expires_at"], deployment.record()["access_token_expires_at"]);
    }
    assert_eq!(deployment.access_token(), old);
    deployment.world.wait(SignedDuration::from_hours(10));
    let answer = deployment.renew(json!({"reason": "min_ttl"})).await;
    assert_eq!(answer["renewed"], true);
    assert_ne!(deployment.access_token(), old);
    assert_eq!(answer["expires_at"], deployment.record()["access_token_expires_at"]);
    assert_eq!(deployment.renew(json!({"reason": "min_ttl"})).await["renewed"], false, "and not again today");
}

#[tokio::test]
async fn renew_works_at_half_the_life_of_a_short_pair() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.webex.lifetimes(SignedDuration::from_hours(1), DAY * 90);
    assert_eq!(deployment.renew(json!({"reason": "rejected"})).await["renewed"], true);
    deployment.world.wait(SignedDuration::from_mins(29));
    assert_eq!(deployment.renew(json!({"reason": "min_ttl"})).await["renewed"], false);
    deployment.world.wait(SignedDuration::from_mins(1));
    assert_eq!(deployment.renew(json!({"reason": "min_ttl"})).await["renewed"], true);
}

#[tokio::test]
async fn rejected_pair_is_renewed_at_once_if_still_current() {
    let deployment = TestDeployment::new().await;
    let (old, refreshes) = (deployment.access_token(), deployment.refreshes());
    let other = json!({"if_sha256": sha256("another"), "reason": "rejected"});
    assert_eq!(deployment.renew(other).await["renewed"], false);
    assert_eq!(deployment.refreshes(), refreshes);
    let rejected = json!({"if_sha256": sha256(&old), "reason": "rejected"});
    assert_eq!(deployment.renew(rejected.clone()).await["renewed"], true);
    assert_ne!(deployment.access_token(), old);
    assert_eq!(deployment.renew(rejected).await["renewed"], false, "that was the one before");
    assert_eq!(deployment.refreshes(), refreshes + 1);
}

#[tokio::test]
async fn renew_of_a_pair_that_is_not_live_answers_its_state() {
    let deployment = TestDeployment::new().await;
    let pending = json!({"version": 1, "app": "reports", "subject": ORG, "state": "pending"});
    let live = deployment.record();
    deployment.world.put(&format!("grants/reports/{ORG}"), &pending);
    assert_eq!(deployment.renew(json!({})).await, json!({"state": "pending", "renewed": false}));
    deployment.world.put(&format!("grants/reports/{ORG}"), &live);
    deployment.about("fence", json!({})).await;
    deployment.world.wait(DAY * 8);
    assert_eq!(deployment.renew(json!({"reason": "rejected"})).await, json!({"state": "fenced", "renewed": false}));
    deployment.world.sim.webex.deauthorize(&deployment.app, ORG);
    deployment.ask(json!({"sweep": {}})).await;
    assert_eq!(deployment.renew(json!({"reason": "rejected"})).await, json!({"state": "revoked", "renewed": false}));
}

#[tokio::test]
async fn renew_of_an_org_that_left_ends_revoked() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    deployment.world.sim.webex.deauthorize(&deployment.app, ORG);
    let answer = deployment.renew(json!({})).await;
    assert_eq!(answer, json!({"state": "revoked", "renewed": false}));
    assert_eq!(deployment.record().get("refresh_token"), None);
}

#[tokio::test]
async fn failed_renewal_has_a_tracking_id_and_keeps_the_pair() {
    let deployment = TestDeployment::new().await;
    let record = deployment.record();
    deployment.world.wait(DAY * 8);
    deployment.world.sim.webex.regenerate_secret(&deployment.app).unwrap();
    let answer = deployment.renew(json!({})).await;
    assert_eq!(code(&answer), "invalid_client");
    let last = deployment.world.sim.webex.journal().entries().pop().unwrap().tracking_id;
    assert_eq!(answer["error"]["tracking_id"], last.as_str());
    assert!(answer["error"]["detail"].as_str().unwrap().contains("Client authentication failed."), "{answer}");
    for field in ["access_token", "refresh_token", "state"] {
        assert_eq!(deployment.record()[field], record[field], "{field}");
    }
    assert_eq!(deployment.record()["failure"]["code"], "invalid_client");
}

#[tokio::test]
async fn renew_names_an_app_without_a_secret() {
    let deployment = TestDeployment::new().await;
    deployment.world.wait(DAY * 8);
    deployment.world.sim.secrets.remove("webex-token-broker/apps/reports");
    let answer = deployment.renew(json!({})).await;
    assert_eq!(code(&answer), "unknown_app");
    assert!(answer["error"]["detail"].as_str().unwrap().contains("apps/reports"));
}
