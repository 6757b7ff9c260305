//! The audit lines in the log.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{TestDeployment, guest, rejection};
use crate::harness::{TestRequest, lines_about};

/// The role of the caller, whose session makes the requests.
const CALLER: &str = "arn:aws:iam::123456789012:role/reporting";

/// The lines of vend about a subject, which only one test may use.
fn audited(subject: &str) -> Vec<Value> {
    let by_vend = |line: &Value| line["target"].as_str().is_some_and(|target| target.starts_with("vend"));
    lines_about(subject).into_iter().filter(by_vend).collect()
}

fn prefix(token: &str) -> String {
    hex::encode(&Sha256::digest(token)[..4])
}

#[tokio::test]
async fn vend_logs_one_line_with_caller_grant_and_token() {
    let org = "a0d10000-0000-4000-8000-000000000001";
    let deployment = TestDeployment::of(org, &[]).await;
    let old = deployment.stored();
    deployment.token(org, "").await;
    deployment.token(&org.to_uppercase(), "").await;
    deployment.world.sim.webex.kill(&old);
    deployment.reject(org, &old).await;
    let lines = audited(org);
    let expected = [(prefix(&old), false), (prefix(&old), true), (prefix(&deployment.stored()), false)];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, (token, cached)) in lines.iter().zip(expected) {
        assert_eq!(line["level"], "INFO");
        let told = [&line["caller"], &line["app"], &line["subject"], &line["outcome"], &line["token_sha256_prefix"]];
        assert_eq!(told, [&json!(CALLER), &json!("reports"), &json!(org), &json!("vended"), &json!(token)]);
        assert_eq!(line["session"], "nightly");
        assert_eq!(line["cached"], cached);
        assert!(line["duration_ms"].is_i64(), "{line}");
    }
    assert_eq!((lines[0].get("renewed"), &lines[2]["renewed"]), (None, &json!(true)));
    assert_eq!(prefix(&old).len(), 8);
}

#[tokio::test]
async fn line_of_a_guest_has_the_guests_token() {
    let org = "a0d10000-0000-4000-8000-000000000002";
    let deployment = TestDeployment::of(org, &[]).await;
    let made = deployment.ask(&guest(org)).await.json();
    let lines = audited(org);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["token_sha256_prefix"], prefix(made["access_token"].as_str().unwrap()).as_str());
}

#[tokio::test]
async fn refusal_logs_one_line_with_its_reason() {
    let org = "a0d10000-0000-4000-8000-000000000003";
    let deployment = TestDeployment::of(org, &[]).await;
    deployment.fence().await;
    let unknown = "a0d10000-0000-4000-8000-000000000004";
    deployment.token(org, "").await;
    deployment.token(unknown, "").await;
    for (subject, outcome) in [(org, "fenced"), (unknown, "no_such_grant")] {
        let lines = audited(subject);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let told = [&lines[0]["caller"], &lines[0]["outcome"], &lines[0]["level"]];
        assert_eq!(told, [&json!(CALLER), &json!(outcome), &json!("WARN")]);
        assert_eq!(lines[0].get("token_sha256_prefix"), None);
        assert!(lines[0]["reason"].is_string());
    }
}

#[tokio::test]
async fn refused_caller_is_logged_with_the_grant() {
    let org = "a0d10000-0000-4000-8000-000000000008";
    let deployment = TestDeployment::of(org, &[]).await;
    let stranger = "arn:aws:iam::999999999999:role/eve";
    for (caller, told, outcome) in [(Some(stranger), json!(stranger), "forbidden"), (None, Value::Null, "unidentified")]
    {
        let before = audited(org).len();
        deployment.ask(&TestRequest::get(&super::path(org, "token")).caller(caller)).await;
        let lines = audited(org);
        assert_eq!(lines.len(), before + 1);
        let line = &lines[before];
        assert_eq!((&line["caller"], &line["app"], &line["outcome"]), (&told, &json!("reports"), &json!(outcome)));
    }
}

#[tokio::test]
async fn failed_renewal_is_logged_with_tracking_id() {
    let org = "a0d10000-0000-4000-8000-000000000005";
    let deployment = TestDeployment::of(org, &[]).await;
    deployment.world.sim.webex.faults().outage(true);
    let answer = deployment.reject(org, &deployment.stored()).await;
    assert_eq!(answer.status, 503);
    let lines = audited(org);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["webex.tracking_id"], answer.json()["tracking_id"]);
    assert_eq!((&lines[0]["outcome"], &lines[0]["level"]), (&json!("not_renewed"), &json!("ERROR")));
}

#[tokio::test]
async fn invalid_and_forbidden_requests_are_logged() {
    let org = "a0d10000-0000-4000-8000-000000000006";
    let deployment = TestDeployment::of(org, &[("MINTER", "minter/default")]).await;
    deployment.token(org, "?min_ttl=x").await;
    deployment.ask(&rejection(org, "x").text("{")).await;
    let outcomes: Vec<_> = audited(org).iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["bad_request", "bad_request"]);
    let before = audited("default").len();
    deployment.ask(&TestRequest::get("/v1/apps/minter/grants/default/token")).await;
    assert!(audited("default").len() > before);
}

#[tokio::test]
async fn metrics_count_vends_refusals_and_cache_hits() {
    let deployment = TestDeployment::of("a0d10000-0000-4000-8000-000000000007", &[]).await;
    let metered = "/v1/apps/metered-vend/grants/a0d10000-0000-4000-8000-000000000007/token";
    deployment.world.app("metered-vend");
    deployment.get(metered).await;
    let mut record = deployment.world.document(&deployment.app, &deployment.org).unwrap();
    record["app"] = "metered-vend".into();
    deployment.world.put("grants/metered-vend/a0d10000-0000-4000-8000-000000000007", &record);
    deployment.get(metered).await;
    deployment.get(metered).await;
    let lines = crate::harness::logged();
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let measured: Vec<_> = lines.filter(|line| line["app"] == "metered-vend" && line.get("_aws").is_some()).collect();
    let count = |line: &Value, name: &str| line[name].as_i64();
    let told: Vec<_> = measured
        .iter()
        .map(|line| (count(line, "VendRefused"), count(line, "Vended"), count(line, "VendCacheHit")))
        .collect();
    assert_eq!(told, [(Some(1), None, None), (None, Some(1), Some(0)), (None, Some(1), Some(1))]);
}
