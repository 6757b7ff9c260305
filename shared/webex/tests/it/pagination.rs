//! Lists of webhooks with several pages.

use broker_core::port::{Registration, Webex as _, WebexError, WebexErrorKind};
use serde_json::{Value, json};
use wiremock::matchers::{query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::*;

fn items(ids: &[&str]) -> Value {
    let items: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    json!({ "items": items })
}

fn page(ids: &[&str], next: &str) -> ResponseTemplate {
    let answer = status(200).set_body_json(items(ids));
    answer.insert_header("link", format!("<{next}>; rel=\"next\"").as_str())
}

async fn list(mock: &MockWebex) -> Result<Vec<Registration>, WebexError> {
    mock.api.list_webhooks(&bearer(), mock.long_deadline()).await
}

fn ids(found: &[Registration]) -> Vec<&str> {
    found.iter().map(|registration| registration.id.as_str()).collect()
}

#[tokio::test]
async fn list_follows_absolute_and_relative_links() {
    let mock = MockWebex::new().await;
    let second = format!("{}/v1/webhooks?cursor=2", mock.server.uri());
    let first = Mock::given(query_param_is_missing("cursor")).respond_with(page(&["a", "b"], &second));
    first.mount(&mock.server).await;
    let second = Mock::given(query_param("cursor", "2")).respond_with(page(&["c"], "?cursor=3"));
    second.mount(&mock.server).await;
    let third = Mock::given(query_param("cursor", "3")).respond_with(status(200).set_body_json(items(&["d"])));
    third.mount(&mock.server).await;

    assert_eq!(ids(&list(&mock).await.unwrap()), ["a", "b", "c", "d"]);
    let requests = mock.requests().await;
    let queries: Vec<_> = requests.iter().filter_map(|request| request.url.query()).collect();
    assert_eq!(queries, ["max=100", "cursor=2", "cursor=3"]);
    assert!(requests.iter().all(|request| request.headers.contains_key("authorization")));
}

#[tokio::test]
async fn bearer_is_not_sent_to_another_origin() {
    let evil = MockServer::start().await;
    for next in [format!("{}/v1/webhooks", evil.uri()), evil.uri().replace("http:", ""), "https://[".to_owned()] {
        let mock = MockWebex::answering(page(&["a"], &next)).await;
        let error = list(&mock).await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("list_webhooks", WebexErrorKind::Foreign(200)), "{next}");
        assert_eq!(
            error.description.as_deref(),
            Some("HTTP 200, application/json: the next page is on another server")
        );
        assert_eq!(mock.requests().await.len(), 1);
    }
    assert_eq!(evil.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn list_that_links_to_itself_is_an_error() {
    let mock = MockWebex::answering(page(&["a"], "?cursor=2")).await;
    let error = list(&mock).await.unwrap_err();
    assert_eq!(error.description.as_deref(), Some("HTTP 200, application/json: the list has no end"));
    assert_eq!(mock.requests().await.len(), 2);
}

#[tokio::test]
async fn list_without_end_stops_at_the_page_limit() {
    let mock = MockWebex::new().await;
    let endless = |request: &Request| page(&["a"], &format!("?cursor={}x", request.url.query().unwrap_or_default()));
    Mock::given(wiremock::matchers::any()).respond_with(endless).mount(&mock.server).await;
    assert_eq!(list(&mock).await.unwrap_err().kind, WebexErrorKind::Foreign(200));
    assert_eq!(mock.requests().await.len(), 50);
}

#[tokio::test]
async fn later_page_is_retried_like_the_first() {
    let mock = MockWebex::new().await;
    mock.answer_once(page(&["a"], "?cursor=2")).await;
    mock.answer_once(status(503)).await;
    mock.answer_with(status(200).set_body_json(items(&["b"]))).await;
    assert_eq!(ids(&list(&mock).await.unwrap()), ["a", "b"]);
}

#[tokio::test]
async fn webhooks_of_other_applications_are_read() {
    let body = json!({"items": [
        {"id": "1", "name": "n", "targetUrl": "https://t", "resource": "serviceApp", "event": "authorized",
         "filter": "id=Y2lz", "secret": "canary", "status": "inactive", "ownedBy": "creator"},
        {"id": "2", "name": null, "filter": null, "secret": "", "status": "active"},
        {"id": "3"},
    ]});
    let found = list(&MockWebex::answering(status(200).set_body_json(body)).await).await.unwrap();
    let [ours, theirs, bare] = &found[..] else { panic!("{found:?}") };
    assert_eq!((ours.name.as_str(), ours.target_url.as_str()), ("n", "https://t"));
    assert_eq!((ours.resource.as_str(), ours.event.as_str()), ("serviceApp", "authorized"));
    assert_eq!((ours.filter.as_deref(), ours.active), (Some("id=Y2lz"), false));
    assert_eq!(ours.secret.as_ref().unwrap().expose(), "canary");
    assert!(theirs.secret.is_none() && theirs.filter.is_none() && theirs.active);
    assert!(bare.active);
    assert!(!format!("{found:?}").contains("canary"));
}

#[tokio::test]
async fn response_without_a_list_is_an_error() {
    for body in
        [json!({}), json!([]), json!({"items": {}}), json!({"items": [{"name": "no id"}]}), json!({"items": [7]})]
    {
        let error = list(&MockWebex::answering(status(200).set_body_json(&body)).await).await.unwrap_err();
        assert_eq!(error.kind, WebexErrorKind::Foreign(200), "{body}");
    }
}
