//! `ListSecrets` and `BatchGetSecretValue`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::values::{ONE, assert_refused};
use crate::fixture::{Fixture, Reply};

async fn filled(count: usize) -> Fixture {
    let fixture = Fixture::new().await;
    for number in 0..count {
        let value = json!({"number": number});
        fixture.simulator.secrets.put_json(&format!("wtb/grants/{number:03}"), &value).unwrap();
    }
    fixture.simulator.secrets.put_json("other", &json!({})).unwrap();
    fixture
}

/// All pages of `operation`, as the names in them and the number of pages.
async fn pages(fixture: &Fixture, operation: &str, list: &str, mut body: Value) -> (Vec<String>, usize) {
    let (mut names, mut count) = (Vec::new(), 0);
    loop {
        let reply = fixture.aws(operation, &body).await;
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
async fn list_is_paged_and_filtered_by_prefix() {
    let fixture = filled(120).await;
    let (names, count) = pages(&fixture, "ListSecrets", "SecretList", under("wtb/grants/")).await;
    assert_eq!((names.len(), count), (120, 2));
    let mut body = under("wtb/grants/");
    body["MaxResults"] = json!(50);
    let (names, count) = pages(&fixture, "ListSecrets", "SecretList", body).await;
    assert_eq!((names.len(), count), (120, 3));
    let (all, _) = pages(&fixture, "ListSecrets", "SecretList", json!({})).await;
    assert_eq!(all.len(), 121);
    for wrong in [json!({"MaxResults": 101}), json!({"MaxResults": 0})] {
        assert_refused(&fixture.aws("ListSecrets", &wrong).await, "ValidationException");
    }
    let token = json!({"NextToken": "%"});
    assert_refused(&fixture.aws("ListSecrets", &token).await, "InvalidNextTokenException");
}

#[tokio::test]
async fn batch_by_filter_has_at_most_20_values() {
    let fixture = filled(45).await;
    let (names, count) = pages(&fixture, "BatchGetSecretValue", "SecretValues", under("wtb/grants/")).await;
    assert_eq!((names.len(), count), (45, 3));
    let mut body = under("wtb/");
    body["MaxResults"] = json!(21);
    assert_refused(&fixture.aws("BatchGetSecretValue", &body).await, "ValidationException");
}

async fn batch(fixture: &Fixture, ids: &[&str]) -> Reply {
    fixture.aws("BatchGetSecretValue", &json!({"SecretIdList": ids})).await
}

#[tokio::test]
async fn batch_by_id_reports_errors_and_omits_deleted() {
    let fixture = filled(3).await;
    fixture.aws("DeleteSecret", &json!({"SecretId": "wtb/grants/001"})).await;
    let reply = batch(&fixture, &["wtb/grants/000", "wtb/grants/001", "wtb/none"]).await;
    let values = reply.body["SecretValues"].as_array().unwrap();
    assert_eq!(values.len(), 1);
    assert_eq!(values[0]["SecretString"], r#"{"number":0}"#);
    let errors = reply.body["Errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["SecretId"], "wtb/none");
    assert_eq!(errors[0]["ErrorCode"], "ResourceNotFoundException");
}

#[tokio::test]
async fn batch_takes_20_ids_or_filters_not_both() {
    let fixture = filled(1).await;
    let ids = ["wtb/none"; 21];
    assert_eq!(batch(&fixture, &ids[..20]).await.status, 200);
    assert_refused(&batch(&fixture, &ids).await, "ValidationException");
    let mut both = under("wtb/");
    both["SecretIdList"] = json!(["wtb/none"]);
    for wrong in [both, json!({})] {
        let reply = fixture.aws("BatchGetSecretValue", &wrong).await;
        assert_refused(&reply, "InvalidParameterException");
    }
}

#[tokio::test]
async fn list_filters_by_tag_key_and_value() {
    let fixture = filled(2).await;
    let tag = json!({
        "SecretId": "wtb/grants/001",
        "Tags": [{"Key": "managed-by", "Value": "webex-token-broker"}, {"Key": "app", "Value": "reports"}],
    });
    assert_eq!(fixture.aws("TagResource", &tag).await.status, 200);
    let filter = json!({"Filters": [
        {"Key": "tag-key", "Values": ["managed-by"]},
        {"Key": "tag-value", "Values": ["nothing", "reports"]},
    ]});
    let (names, _) = pages(&fixture, "ListSecrets", "SecretList", filter).await;
    assert_eq!(names, ["wtb/grants/001"]);
    let not = json!({"Filters": [{"Key": "tag-key", "Values": ["!managed-by"]}]});
    let (names, _) = pages(&fixture, "ListSecrets", "SecretList", not).await;
    assert_eq!(names, ["other", "wtb/grants/000"]);
    assert_eq!(fixture.simulator.secrets.tags("wtb/grants/001")["app"], "reports");
}

#[tokio::test]
async fn list_includes_planned_deletions_on_demand() {
    let fixture = filled(2).await;
    fixture.aws("DeleteSecret", &json!({"SecretId": "wtb/grants/000"})).await;
    let (names, _) = pages(&fixture, "ListSecrets", "SecretList", under("wtb/")).await;
    assert_eq!(names, ["wtb/grants/001"]);
    let mut body = under("wtb/");
    body["IncludePlannedDeletion"] = json!(true);
    let reply = fixture.aws("ListSecrets", &body).await;
    assert!(reply.body["SecretList"][0]["DeletedDate"].is_number());
    assert!(reply.body["SecretList"][1].get("DeletedDate").is_none());
    for secret in reply.body["SecretList"].as_array().unwrap() {
        let stages: Vec<_> = secret["SecretVersionsToStages"].as_object().unwrap().values().collect();
        assert_eq!(stages, [&json!(["AWSCURRENT"])]);
    }
}

#[tokio::test]
async fn list_stale_misses_the_newest_secret() {
    let fixture = Fixture::new().await;
    fixture.simulator.secrets.list_staleness(SignedDuration::from_mins(5));
    fixture.create("wtb/a", ONE, "1").await;
    let (names, _) = pages(&fixture, "ListSecrets", "SecretList", json!({})).await;
    assert!(names.is_empty());
    assert_eq!(fixture.read("wtb/a").await.status, 200);
    fixture.simulator.clock.advance(SignedDuration::from_mins(5));
    let (names, _) = pages(&fixture, "ListSecrets", "SecretList", json!({})).await;
    assert_eq!(names, ["wtb/a"]);
}
