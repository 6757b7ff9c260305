//! Lists of webhooks over many pages.

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

async fn list(world: &World) -> Result<Vec<Registration>, WebexError> {
    world.api.registrations(&bearer(), world.ample()).await
}

fn ids(found: &[Registration]) -> Vec<&str> {
    found.iter().map(|registration| registration.id.as_str()).collect()
}

#[tokio::test]
async fn pages_are_followed_by_absolute_and_relative_links() {
    let world = World::new().await;
    let second = format!("{}/v1/webhooks?cursor=2", world.server.uri());
    let first = Mock::given(query_param_is_missing("cursor")).respond_with(page(&["a", "b"], &second));
    first.mount(&world.server).await;
    let second = Mock::given(query_param("cursor", "2")).respond_with(page(&["c"], "?cursor=3"));
    second.mount(&world.server).await;
    let third = Mock::given(query_param("cursor", "3")).respond_with(status(200).set_body_json(items(&["d"])));
    third.mount(&world.server).await;

    assert_eq!(ids(&list(&world).await.unwrap()), ["a", "b", "c", "d"]);
    let requests = world.requests().await;
    let queries: Vec<_> = requests.iter().filter_map(|request| request.url.query()).collect();
    assert_eq!(queries, ["max=100", "cursor=2", "cursor=3"]);
    assert!(requests.iter().all(|request| request.headers.contains_key("authorization")));
}

#[tokio::test]
async fn the_bearer_is_not_sent_to_another_origin() {
    let evil = MockServer::start().await;
    for next in [format!("{}/v1/webhooks", evil.uri()), evil.uri().replace("http:", ""), "https://[".to_owned()] {
        let world = World::saying(page(&["a"], &next)).await;
        let error = list(&world).await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("list_webhooks", WebexErrorKind::Unintelligible), "{next}");
        assert_eq!(error.description.as_deref(), Some("the next page is on another server"));
        assert_eq!(world.requests().await.len(), 1);
    }
    assert_eq!(evil.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_list_that_bites_its_tail_ends() {
    let world = World::saying(page(&["a"], "?cursor=2")).await;
    let error = list(&world).await.unwrap_err();
    assert_eq!(error.description.as_deref(), Some("the list of webhooks has no end"));
    assert_eq!(world.requests().await.len(), 2);
}

#[tokio::test]
async fn a_list_that_goes_on_for_ever_ends() {
    let world = World::new().await;
    let endless = |request: &Request| page(&["a"], &format!("?cursor={}x", request.url.query().unwrap_or_default()));
    Mock::given(wiremock::matchers::any()).respond_with(endless).mount(&world.server).await;
    assert_eq!(list(&world).await.unwrap_err().kind, WebexErrorKind::Unintelligible);
    assert_eq!(world.requests().await.len(), 50);
}

#[tokio::test]
async fn a_later_page_is_asked_for_again_as_the_first_is() {
    let world = World::new().await;
    world.says_once(page(&["a"], "?cursor=2")).await;
    world.says_once(status(503)).await;
    world.says(status(200).set_body_json(items(&["b"]))).await;
    assert_eq!(ids(&list(&world).await.unwrap()), ["a", "b"]);
}

#[tokio::test]
async fn anybodys_webhook_is_read() {
    let body = json!({"items": [
        {"id": "1", "name": "n", "targetUrl": "https://t", "resource": "serviceApp", "event": "authorized",
         "filter": "id=Y2lz", "secret": "canary", "status": "inactive", "ownedBy": "creator"},
        {"id": "2", "name": null, "filter": null, "secret": "", "status": "active"},
        {"id": "3"},
    ]});
    let found = list(&World::saying(status(200).set_body_json(body)).await).await.unwrap();
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
async fn a_list_that_is_none_is_unintelligible() {
    for body in
        [json!({}), json!([]), json!({"items": {}}), json!({"items": [{"name": "no id"}]}), json!({"items": [7]})]
    {
        let error = list(&World::saying(status(200).set_body_json(&body)).await).await.unwrap_err();
        assert_eq!(error.kind, WebexErrorKind::Unintelligible, "{body}");
    }
}
