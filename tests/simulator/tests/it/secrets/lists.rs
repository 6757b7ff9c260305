//! `ListSecrets` and `BatchGetSecretValue`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::values::{ONE, assert_refused};
use crate::harness::{Reply, Stage};

async fn filled(count: usize) -> Stage {
    let stage = Stage::set().await;
    for number in 0..count {
        let value = json!({"number": number});
        stage.simulator.secrets.put_json(&format!("wtb/grants/{number:03}"), &value).unwrap();
    }
    stage.simulator.secrets.put_json("other", &json!({})).unwrap();
    stage
}

/// All pages of `operation`, as the names in them and the number of pages.
async fn pages(stage: &Stage, operation: &str, list: &str, mut body: Value) -> (Vec<String>, usize) {
    let (mut names, mut count) = (Vec::new(), 0);
    loop {
        let reply = stage.aws(operation, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let page = reply.body[list].as_array().unwrap();
        names.extend(page.iter().map(|secret| secret["Name"].as_str().unwrap().to_owned()));
        count += 1;
        match reply.body.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => return (names, count),
        }
    }
}

fn under(prefix: &str) -> Value {
    json!({"Filters": [{"Key": "name", "Values": [prefix]}]})
}

#[tokio::test]
async fn lists_are_paged_and_filtered_by_prefix() {
    let stage = filled(120).await;
    let (names, count) = pages(&stage, "ListSecrets", "SecretList", under("wtb/grants/")).await;
    assert_eq!((names.len(), count), (120, 2));
    let mut body = under("wtb/grants/");
    body["MaxResults"] = json!(50);
    let (names, count) = pages(&stage, "ListSecrets", "SecretList", body).await;
    assert_eq!((names.len(), count), (120, 3));
    let (all, _) = pages(&stage, "ListSecrets", "SecretList", json!({})).await;
    assert_eq!(all.len(), 121);
    for wrong in [json!({"MaxResults": 101}), json!({"MaxResults": 0})] {
        assert_refused(&stage.aws("ListSecrets", &wrong).await, "ValidationException");
    }
    let token = json!({"NextToken": "%"});
    assert_refused(&stage.aws("ListSecrets", &token).await, "InvalidNextTokenException");
}

#[tokio::test]
async fn batches_hold_twenty_values() {
    let stage = filled(45).await;
    let (names, count) = pages(&stage, "BatchGetSecretValue", "SecretValues", under("wtb/grants/")).await;
    assert_eq!((names.len(), count), (45, 3));
    let mut body = under("wtb/");
    body["MaxResults"] = json!(21);
    assert_refused(&stage.aws("BatchGetSecretValue", &body).await, "ValidationException");
}

async fn batch(stage: &Stage, ids: &[&str]) -> Reply {
    stage.aws("BatchGetSecretValue", &json!({"SecretIdList": ids})).await
}

#[tokio::test]
async fn a_batch_by_id_reports_each_failure_and_skips_what_is_marked() {
    let stage = filled(3).await;
    stage.aws("DeleteSecret", &json!({"SecretId": "wtb/grants/001"})).await;
    let reply = batch(&stage, &["wtb/grants/000", "wtb/grants/001", "wtb/none"]).await;
    let values = reply.body["SecretValues"].as_array().unwrap();
    assert_eq!(values.len(), 1);
    assert_eq!(values[0]["SecretString"], r#"{"number":0}"#);
    let errors = reply.body["Errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["SecretId"], "wtb/none");
    assert_eq!(errors[0]["ErrorCode"], "ResourceNotFoundException");
}

#[tokio::test]
async fn a_batch_takes_20_ids_or_filters_and_never_both() {
    let stage = filled(1).await;
    let ids = ["wtb/none"; 21];
    assert_eq!(batch(&stage, &ids[..20]).await.status, 200);
    assert_refused(&batch(&stage, &ids).await, "ValidationException");
    let mut both = under("wtb/");
    both["SecretIdList"] = json!(["wtb/none"]);
    for wrong in [both, json!({})] {
        let reply = stage.aws("BatchGetSecretValue", &wrong).await;
        assert_refused(&reply, "InvalidParameterException");
    }
}

#[tokio::test]
async fn tags_filter_by_key_and_value() {
    let stage = filled(2).await;
    let tag = json!({
        "SecretId": "wtb/grants/001",
        "Tags": [{"Key": "managed-by", "Value": "webex-token-broker"}, {"Key": "app", "Value": "reports"}],
    });
    assert_eq!(stage.aws("TagResource", &tag).await.status, 200);
    let filter = json!({"Filters": [
        {"Key": "tag-key", "Values": ["managed-by"]},
        {"Key": "tag-value", "Values": ["nothing", "reports"]},
    ]});
    let (names, _) = pages(&stage, "ListSecrets", "SecretList", filter).await;
    assert_eq!(names, ["wtb/grants/001"]);
    let not = json!({"Filters": [{"Key": "tag-key", "Values": ["!managed-by"]}]});
    let (names, _) = pages(&stage, "ListSecrets", "SecretList", not).await;
    assert_eq!(names, ["other", "wtb/grants/000"]);
    assert_eq!(stage.simulator.secrets.tags("wtb/grants/001")["app"], "reports");
}

#[tokio::test]
async fn what_is_marked_for_deletion_is_listed_on_demand() {
    let stage = filled(2).await;
    stage.aws("DeleteSecret", &json!({"SecretId": "wtb/grants/000"})).await;
    let (names, _) = pages(&stage, "ListSecrets", "SecretList", under("wtb/")).await;
    assert_eq!(names, ["wtb/grants/001"]);
    let mut body = under("wtb/");
    body["IncludePlannedDeletion"] = json!(true);
    let reply = stage.aws("ListSecrets", &body).await;
    assert!(reply.body["SecretList"][0]["DeletedDate"].is_number());
    assert!(reply.body["SecretList"][1].get("DeletedDate").is_none());
    let stages = &reply.body["SecretList"][1]["SecretVersionsToStages"];
    assert_eq!(stages.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stale_list_misses_the_newest_but_a_read_does_not() {
    let stage = Stage::set().await;
    stage.simulator.secrets.list_staleness(SignedDuration::from_mins(5));
    stage.create("wtb/a", ONE, "1").await;
    let (names, _) = pages(&stage, "ListSecrets", "SecretList", json!({})).await;
    assert!(names.is_empty());
    assert_eq!(stage.read("wtb/a").await.status, 200);
    stage.simulator.clock.advance(SignedDuration::from_mins(5));
    let (names, _) = pages(&stage, "ListSecrets", "SecretList", json!({})).await;
    assert_eq!(names, ["wtb/a"]);
}
