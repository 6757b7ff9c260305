//! Which callers are admitted.

use simulator::webex::ids;

use super::{TestDeployment, guest, invitation, openapi, path, rejection};
use crate::harness::TestRequest;

const LIST: &str = "/v1/apps/reports/grants";

/// One request for each endpoint that needs an identity.
fn routes(org: &str) -> [TestRequest; 4] {
    [TestRequest::get(&path(org, "token")), rejection(org, "x"), guest(org), TestRequest::get(LIST)]
}

#[tokio::test]
async fn iam_callers_of_the_own_account_are_admitted() {
    let deployment = TestDeployment::new().await;
    for arn in [
        "arn:aws:sts::123456789012:assumed-role/reporting/nightly",
        "arn:aws:iam::123456789012:user/ada",
        "arn:aws:iam::123456789012:role/path/reporting",
    ] {
        for request in routes(&deployment.org) {
            assert_eq!(deployment.ask(&request.caller(Some(arn))).await.status, 200, "{arn}");
        }
    }
}

#[tokio::test]
async fn request_without_identity_is_401_with_challenge() {
    let deployment = TestDeployment::new().await;
    let calls = deployment.calls();
    for request in routes(&deployment.org) {
        for arn in [None, Some("")] {
            let answer = deployment.ask(&request.clone().caller(arn)).await;
            assert_eq!((answer.status, answer.problem()), (401, "unidentified".to_owned()));
            assert_eq!(answer.header("www-authenticate"), "AWS4-HMAC-SHA256", "all that is configured");
        }
        let mut jwt = request.caller(None).header("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.");
        jwt.0["requestContext"]["authorizer"] = serde_json::json!({"jwt": {"claims": {"sub": "ada"}, "scopes": null}});
        assert_eq!(deployment.ask(&jwt).await.status, 401, "no issuer is configured");
    }
    assert_eq!(deployment.calls(), calls, "nothing was looked up for nobody");
}

#[tokio::test]
async fn iam_caller_of_another_account_is_403() {
    let deployment = TestDeployment::new().await;
    let calls = deployment.calls();
    for arn in [
        "arn:aws:iam::999999999999:user/eve",
        "arn:aws:sts::999999999999:assumed-role/reporting/nightly",
        "arn:aws:iam::1234567890120:user/eve",
        "arn:aws:s3:::123456789012",
        "123456789012",
        "arn:aws:iam::aws:policy/123456789012",
    ] {
        for org in [deployment.org.as_str(), "unknown", "A_B"] {
            for request in routes(org) {
                let answer = deployment.ask(&request.caller(Some(arn))).await;
                assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()), "{arn} {org}");
                assert!(!answer.text.contains("999999999999"), "{}", answer.text);
            }
        }
    }
    assert_eq!(deployment.calls(), calls);
}

#[tokio::test]
async fn minters_app_is_403_in_all_spellings() {
    let org = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
    let minter = format!("reports/{org}");
    let world = crate::harness::Deployment::with(&[("MINTER", &minter)]).await;
    for written in
        [org.to_owned(), org.to_uppercase(), ids::org_id(org), ids::padded_org_id(org), ids::bare_org_id(org)]
    {
        for request in routes(&written) {
            let answer = world.at(&world.vend, &request).await;
            assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()), "{written}");
        }
    }
}

#[tokio::test]
async fn minters_app_is_403_before_anything_is_looked_up() {
    let deployment = TestDeployment::new().await;
    let calls = deployment.calls();
    for (request, what) in [
        (TestRequest::get("/v1/apps/minter/grants/default/token"), "token"),
        (TestRequest::get("/v1/apps/minter/grants/default/token?min_ttl=x"), "a bad parameter"),
        (TestRequest::call("POST", "/v1/apps/minter/grants/default/token/rejected", None), "no body"),
        (TestRequest::get("/v1/apps/m%69nter/grants/d%65fault/token"), "escaped"),
        (TestRequest::get("/v1/apps/minter/grants/another/token"), "another grant of the minter's app"),
        (TestRequest::get("/v1/apps/minter/grants"), "the list of the minter's app"),
        (TestRequest::get("/v1/apps/m%69nter/grants?next=x"), "the list, escaped"),
        (TestRequest::post("/v1/apps/minter/grants/another/guests", &invitation()), "a guest"),
    ] {
        assert_eq!(deployment.ask(&request).await.status, 403, "{what}");
    }
    assert_eq!(deployment.calls(), calls);
}

#[tokio::test]
async fn open_callers_get_all_but_the_minters_app() {
    let deployment = TestDeployment::with(&[("CALLERS", "open")]).await;
    for request in routes(&deployment.org) {
        for arn in [None, Some("arn:aws:iam::999999999999:user/eve")] {
            assert_eq!(deployment.ask(&request.clone().caller(arn)).await.status, 200);
        }
    }
    let minter = TestRequest::get("/v1/apps/minter/grants/default/token").caller(None);
    assert_eq!(deployment.ask(&minter).await.status, 403);
}

/// The limit is a guard against loops: 1,000 requests at once, then 100 a second.
#[tokio::test]
async fn rate_limited_caller_is_429_and_others_are_not() {
    let deployment = TestDeployment::new().await;
    let ask = TestRequest::get(&path(&deployment.org, "token"));
    let calls = deployment.calls();
    let mut allowed = 0;
    let refused = loop {
        let answer = deployment.world.at(&deployment.world.vend, &ask).await;
        match answer.status {
            200 => allowed += 1,
            _ => break answer,
        }
        assert!(allowed < 10_000, "nobody is ever refused");
    };
    assert_eq!((refused.status, refused.problem()), (429, "throttled".to_owned()));
    openapi::holds(&ask, &refused);
    assert_eq!(deployment.calls(), (calls.0 + 1, calls.1), "one read for {allowed} answers");
    for request in routes(&deployment.org) {
        assert_eq!(deployment.ask(&request.clone()).await.status, 429, "on every route");
        let other = request.caller(Some("arn:aws:iam::123456789012:user/ada"));
        assert_eq!(deployment.ask(&other).await.status, 200);
    }
    let session = ask.clone().caller(Some("arn:aws:sts::123456789012:assumed-role/reporting/another"));
    assert_eq!(deployment.ask(&session).await.status, 429, "a new session is the same caller");
    let wait = i64::try_from(refused.retry_after()).unwrap();
    deployment.world.wait(jiff::SignedDuration::from_secs(wait));
    assert_eq!(deployment.ask(&ask).await.status, 200);
}
