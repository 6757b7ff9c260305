//! `GET /v1/apps/{app}/grants`.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::secrets::{Fault, Operation};

use super::{DAY, TestDeployment, guest, path, rejection};
use crate::harness::TestRequest;

const LIST: &str = "/v1/apps/reports/grants";

fn org(nth: usize) -> String {
    format!("00000000-0000-4000-8000-{nth:012}")
}

impl TestDeployment {
    /// Puts copies of the deployment's own record under more orgs.
    fn copies(&self, how_many: usize) {
        let record = self.world.document(&self.app, &self.org).unwrap();
        for nth in 0..how_many {
            let mut copy = record.clone();
            copy["subject"] = org(nth).into();
            self.world.put(&format!("grants/reports/{}", org(nth)), &copy);
        }
    }

    /// All pages, as a caller follows them.
    async fn pages(&self) -> Vec<Value> {
        let mut pages = vec![self.get(LIST).await.json()];
        while let Some(next) = pages.last().unwrap()["next"].as_str().map(encoded) {
            assert!(pages.len() < 50, "no end");
            pages.push(self.get(&format!("{LIST}?next={next}")).await.json());
        }
        pages
    }

    async fn listed(&self) -> Vec<Value> {
        let pages = self.pages().await;
        pages.iter().flat_map(|page| page["grants"].as_array().unwrap().clone()).collect()
    }
}

fn encoded(next: &str) -> String {
    url::form_urlencoded::byte_serialize(next.as_bytes()).collect()
}

#[tokio::test]
async fn pages_have_each_grant_once_and_no_tokens() {
    let deployment = TestDeployment::new().await;
    deployment.copies(44);
    let pages = deployment.pages().await;
    assert!(pages.len() >= 3, "{}", pages.len());
    let grants: Vec<_> = pages.iter().flat_map(|page| page["grants"].as_array().unwrap()).collect();
    let subjects: BTreeSet<_> = grants.iter().map(|grant| grant["subject"].as_str().unwrap().to_owned()).collect();
    let all = (0..44).map(org).chain([deployment.org.clone()]).collect::<BTreeSet<_>>();
    assert_eq!((grants.len(), subjects), (45, all));
    let record = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    let said = json!(pages).to_string();
    for secret in ["access_token", "refresh_token"] {
        assert!(!said.contains(record[secret].as_str().unwrap()) && !said.contains(secret), "{secret}");
    }
    for page in &pages {
        let next = page["next"].as_str().unwrap_or_default();
        assert!(!next.contains("webex-token-broker"), "opaque: {next}");
    }
}

#[tokio::test]
async fn entry_has_state_expiry_and_failing() {
    let deployment = TestDeployment::new().await;
    let record = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    let ends = &record["access_token_expires_at"];
    let expected = json!({"subject": deployment.org, "state": "active", "expires_at": ends, "failing": false});
    assert_eq!(deployment.listed().await, [expected]);

    deployment.world.sim.webex.faults().outage(true);
    deployment.world.wait(DAY * 8);
    deployment.world.sweep().await;
    let failing = deployment.listed().await;
    assert_eq!((&failing[0]["state"], &failing[0]["failing"]), (&json!("active"), &json!(true)));
    deployment.world.sim.webex.faults().outage(false);
    deployment.world.sweep().await;
    assert_eq!(deployment.listed().await[0]["failing"], json!(false));

    deployment.fence().await;
    assert_eq!(deployment.listed().await[0]["state"], "fenced");
    deployment.world.wait(SignedDuration::from_secs(301));
    deployment.world.sweep().await;
    assert_eq!(deployment.listed().await, [] as [Value; 0], "retired, and no longer listed");
}

#[tokio::test]
async fn grant_without_a_pair_has_no_expiry() {
    let deployment = TestDeployment::new().await;
    let pending = json!({"version": 1, "app": "reports", "subject": org(1), "state": "pending"});
    deployment.world.put(&format!("grants/reports/{}", org(1)), &pending);
    let listed = deployment.listed().await;
    assert_eq!(listed[0], json!({"subject": org(1), "state": "pending", "failing": false}));
}

#[tokio::test]
async fn minters_app_is_not_listed() {
    let deployment = TestDeployment::new().await;
    let calls = deployment.calls();
    let answer = deployment.get("/v1/apps/minter/grants").await;
    assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()));
    assert_eq!(deployment.calls(), calls);
}

#[tokio::test]
async fn grant_that_can_mint_is_neither_listed_nor_vended() {
    let deployment = TestDeployment::new().await;
    let mut record = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    record["subject"] = org(1).into();
    for scope in ["spark:applications_token", "spark:all spark:applications_token spark:kms"] {
        record["scope"] = scope.into();
        deployment.world.put(&format!("grants/reports/{}", org(1)), &record);
        let listed = deployment.listed().await;
        assert_eq!(listed.len(), 1, "{scope}");
        assert_eq!(listed[0]["subject"], deployment.org.as_str());
        let digest = rejection(&org(1), "another token");
        for request in [TestRequest::get(&path(&org(1), "token")), digest, guest(&org(1))] {
            let answer = deployment.ask(&request).await;
            assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()), "{scope}: {}", answer.text);
        }
    }
}

/// A cursor can be put into a URL as it is.
#[tokio::test]
async fn next_is_url_safe() {
    let deployment = TestDeployment::new().await;
    deployment.copies(30);
    let page = deployment.get(LIST).await.json();
    let next = page["next"].as_str().unwrap();
    assert_eq!(encoded(next), next);
    assert_eq!(deployment.get(&format!("{LIST}?next={next}")).await.status, 200);
}

#[tokio::test]
async fn list_has_the_grants_of_one_app() {
    let deployment = TestDeployment::new().await;
    let exports = deployment.world.app("reports-2");
    deployment.world.onboard(&exports, &org(7)).await;
    assert_eq!(deployment.listed().await.len(), 1);
    let listed = deployment.get("/v1/apps/reports-2/grants").await.json();
    assert_eq!(listed["grants"][0]["subject"], org(7).as_str());
    assert_eq!(deployment.get("/v1/apps/report/grants").await.json(), json!({"grants": []}), "no prefix of a name");
}

#[tokio::test]
async fn invalid_next_is_400() {
    let deployment = TestDeployment::new().await;
    deployment.copies(30);
    let next = encoded(deployment.get(LIST).await.json()["next"].as_str().unwrap());
    for broken in ["", "x", "b.", "l.", "b.%00", "b.***", "l.AAA*", &format!("x{next}"), &format!("{next}&next={next}")]
    {
        let answer = deployment.get(&format!("{LIST}?next={broken}")).await;
        assert_eq!((answer.status, answer.problem()), (400, "bad-request".to_owned()), "{broken}");
    }
    assert_eq!(deployment.get(&format!("{LIST}?next={next}&other=1")).await.status, 200);
}

#[tokio::test]
async fn unreadable_records_are_left_out() {
    let deployment = TestDeployment::new().await;
    for (nth, text) in ["{", "{}", "[]"].into_iter().enumerate() {
        deployment
            .world
            .sim
            .secrets
            .put_text(&format!("webex-token-broker/grants/reports/{}", org(nth)), text)
            .unwrap();
    }
    deployment.world.put("grants/reports/not/a/grant", &json!({}));
    let listed = deployment.listed().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["subject"], deployment.org.as_str());
}

#[tokio::test]
async fn store_outage_is_503_and_throttling_is_retried() {
    let deployment = TestDeployment::new().await;
    deployment.world.sim.secrets.faults().outage(true);
    assert_eq!(deployment.get(LIST).await.status, 503);
    deployment.world.sim.secrets.faults().outage(false);
    deployment.world.sim.secrets.faults().fail_next(Operation::BatchGetSecretValue, 2, Fault::Throttled);
    assert_eq!(deployment.listed().await.len(), 1);
}

#[tokio::test]
async fn list_works_without_batch_reads() {
    let deployment = TestDeployment::new().await;
    deployment.copies(30);
    let denied = Fault::Error("AccessDeniedException");
    deployment.world.sim.secrets.faults().fail_next(Operation::BatchGetSecretValue, 1, denied);
    let answer = deployment.ask(&TestRequest::get(LIST)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
