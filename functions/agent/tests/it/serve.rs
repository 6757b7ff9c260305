//! One request at a time.

use std::time::Duration;

use client::{Bearer, BoxError, VendClient};
use serde_json::json;

use crate::fixture::{Local, TOKEN_PATH, answer, problem, token};

/// The SHA-256 of `one`.
const SHA_OF_ONE: &str = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

#[tokio::test]
async fn token_is_answered_as_vend_does() {
    let local = Local::new(token("one", 3600)).await;
    let first = local.http.token().await;
    let wanted = json!({
        "access_token": "one", "token_type": "Bearer", "expires_in": 3600, "expires_at": "1970-01-12T14:46:40Z",
        "app": "reports", "subject": "acme", "scope": "spark:all",
    });
    assert_eq!((first.status, first.body), (200, wanted));
    local.clock.advance(100);
    let held = local.http.token().await;
    assert_eq!((held.body["expires_in"].as_u64(), local.vend.calls()), (Some(3500), 1));
    let request = &local.vend.server.received_requests().await.unwrap()[0];
    assert_eq!(request.url.query(), Some("min_ttl=300"));
    assert_eq!(request.headers["authorization"], "Bearer identity");
}

#[tokio::test]
async fn min_ttl_is_passed_on_and_checked() {
    let local = Local::new(token("one", 3600)).await;
    assert_eq!(local.http.get(&format!("{TOKEN_PATH}?min_ttl=3000")).await.status, 200);
    assert_eq!(local.http.get(&format!("{TOKEN_PATH}?min_ttl=3000")).await.status, 200);
    assert_eq!(local.vend.calls(), 1);
    let requests = local.vend.server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.query(), Some("min_ttl=3000"));
    for wrong in ["-1", "604801", "x", ""] {
        assert_eq!(local.http.get(&format!("{TOKEN_PATH}?min_ttl={wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn refusal_of_vend_is_passed_on() {
    let local = Local::new(problem(409, "pending").insert_header("retry-after", "7")).await;
    let refused = local.http.token().await;
    let wanted = json!({
        "type": "urn:webex-token-broker:problem:test", "title": "Title", "status": 409, "detail": "pending",
        "tracking_id": "ROUTER_1",
    });
    assert_eq!((refused.status, refused.retry_after.as_deref(), refused.body), (409, Some("7"), wanted));
    local.clock.advance(5);
    assert_eq!(local.http.token().await.retry_after.as_deref(), Some("2"));
    assert_eq!(local.vend.calls(), 1, "vend was asked before Retry-After had passed");
}

#[tokio::test]
async fn foreign_answer_is_a_problem_of_the_agent() {
    let page = wiremock::ResponseTemplate::new(403).set_body_json(json!({"Message": "Forbidden\nsecret"}));
    let local = Local::new(page).await;
    let failed = local.http.token().await;
    assert_eq!((failed.status, failed.retry_after.as_deref()), (503, Some("5")));
    assert_eq!(failed.body["type"], "urn:webex-token-broker:problem:unavailable");
    let detail = failed.body["detail"].as_str().unwrap();
    assert!(detail.contains("status 403") && detail.ends_with("Forbidden"), "{detail}");
}

#[tokio::test]
async fn rejected_token_is_reported_once() {
    let local = Local::new(token("one", 86400)).await;
    local.http.token().await;
    local.vend.answer(token("two", 86400).set_delay(Duration::from_millis(20)));
    let (a, b, c) =
        tokio::join!(local.http.reject(SHA_OF_ONE), local.http.reject(SHA_OF_ONE), local.http.reject(SHA_OF_ONE));
    for answer in [a, b, c, local.http.token().await] {
        assert_eq!(answer.body["access_token"], "two");
    }
    assert_eq!(local.vend.calls(), 2, "one token and one report");
    let requests = local.vend.server.received_requests().await.unwrap();
    assert_eq!(requests[1].body_json::<serde_json::Value>().unwrap(), json!({"access_token_sha256": SHA_OF_ONE}));
}

#[tokio::test]
async fn requests_that_are_not_for_the_agent_are_refused() {
    let local = Local::new(token("one", 3600)).await;
    for target in ["/", "/v1/apps/reports/grants", "/v1/apps/reports/grants/acme/guests", "/openapi.json"] {
        assert_eq!(local.http.get(target).await.status, 404, "{target}");
    }
    assert_eq!(local.http.get("/v1/apps/reports/grants/../token").await.status, 404, "the client resolves the dots");
    assert_eq!(local.http.get("/v1/apps/reports/grants/%2e%2e%2f/token").await.status, 200, "a subject with a slash");
    assert_eq!(local.http.get("/v1/apps//grants/acme/token").await.status, 400);
    assert_eq!(local.http.get(&format!("{TOKEN_PATH}/rejected")).await.status, 405);
    for body in ["", "{}", "{\"access_token_sha256\":\"one\"}", "[]"] {
        let request = local.http.request("POST", &format!("{TOKEN_PATH}/rejected")).bearer_auth("guard").body(body);
        assert_eq!(answer(request).await.status, 400, "{body}");
    }
    let large =
        local.http.request("POST", &format!("{TOKEN_PATH}/rejected")).bearer_auth("guard").body("x".repeat(5000));
    assert_eq!(answer(large).await.status, 413);
}

#[tokio::test]
async fn caller_without_the_guard_token_gets_nothing() {
    let local = Local::new(token("one", 3600)).await;
    let refused = answer(local.http.request("GET", TOKEN_PATH)).await;
    assert_eq!(
        (refused.status, refused.body["type"].as_str().unwrap()),
        (401, "urn:webex-token-broker:problem:unidentified")
    );
    let forwarded = local.http.request("GET", TOKEN_PATH).bearer_auth("guard").header("x-forwarded-for", "203.0.113.1");
    assert_eq!(answer(forwarded).await.status, 400);
    let rebound = local.http.request("GET", TOKEN_PATH).bearer_auth("guard").header("host", "evil.example");
    assert_eq!(answer(rebound).await.status, 403);
    assert_eq!(local.vend.calls(), 0);
    assert_eq!(answer(local.http.request("GET", "/healthz")).await.status, 200);
}

#[tokio::test]
async fn client_of_vend_is_a_client_of_the_agent() {
    let local = Local::new(token("one", 3600)).await;
    let guard = || std::future::ready(Ok::<_, BoxError>("guard".to_owned()));
    let client = VendClient::new(&local.http.address(), Bearer(guard)).unwrap();
    let one = client.token("reports", "acme").await.unwrap();
    assert_eq!((one.expose(), one.scope.as_deref()), ("one", Some("spark:all")));
    local.vend.answer(token("two", 3600));
    assert_eq!(client.rejected("reports", "acme", &one).await.unwrap().expose(), "two");
    assert_eq!(local.vend.calls(), 2);
}
