//! Every answer of the contract once, from one deployment with a grant in every state.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::{DAY, TestDeployment, guest, invitation, openapi, path, rejection};
use crate::harness::TestRequest;

const PENDING: &str = "00000000-0000-4000-8000-00000000000a";
const FENCED: &str = "00000000-0000-4000-8000-00000000000b";
const REVOKED: &str = "00000000-0000-4000-8000-00000000000c";
const BROKEN: &str = "00000000-0000-4000-8000-00000000000d";
const UNKNOWN: &str = "00000000-0000-4000-8000-00000000000e";
const FOREIGN: &str = "arn:aws:iam::999999999999:role/stranger";

/// A grant in every state beside the live one.
async fn every_state() -> TestDeployment {
    let deployment = TestDeployment::new().await;
    let (world, app) = (&deployment.world, &deployment.app);
    for org in [FENCED, REVOKED] {
        world.onboard(app, org).await;
        world.sim.webex.deauthorize(app, org);
        world.ask(json!({"fence": {"app": "reports", "subject": org}})).await;
    }
    world.wait(SignedDuration::from_secs(301));
    let swept = world.sweep().await;
    assert_eq!(swept["retired"], 2, "{swept}");
    world.ask(json!({"fence": {"app": "reports", "subject": UNKNOWN}})).await;
    let fenced = world.document(app, UNKNOWN).unwrap();
    world.put(&format!("grants/reports/{FENCED}"), &renamed(&fenced));
    world.sim.secrets.remove(&format!("webex-token-broker/grants/reports/{UNKNOWN}"));
    let pending = json!({"version": 1, "app": "reports", "subject": PENDING, "state": "pending"});
    world.put(&format!("grants/reports/{PENDING}"), &pending);
    let broken = format!("webex-token-broker/grants/reports/{BROKEN}");
    world.sim.secrets.put_text(&broken, "{").unwrap();
    deployment
}

fn renamed(document: &serde_json::Value) -> serde_json::Value {
    let mut document = document.clone();
    document["subject"] = FENCED.into();
    document
}

/// The answers that the three endpoints of a grant have in common.
fn about_any_grant(
    wanted: &str,
    request: impl Fn(&str) -> TestRequest,
) -> Vec<(String, TestRequest, u16, &'static str)> {
    let rows = [
        ("a subject that is none", request("A_B"), 400, "bad-request"),
        ("nobody", request(UNKNOWN).caller(None), 401, "unidentified"),
        ("a stranger", request(UNKNOWN).caller(Some(FOREIGN)), 403, "forbidden"),
        ("unknown", request(UNKNOWN), 404, "not-found"),
        ("pending", request(PENDING), 409, "pending"),
        ("fenced", request(FENCED), 410, "fenced"),
        ("revoked", request(REVOKED), 410, "revoked"),
        ("unreadable", request(BROKEN), 503, "unavailable"),
        ("another method", request(UNKNOWN).method("DELETE"), 405, "method-not-allowed"),
        ("the minter", request("default").path(&format!("/v1/apps/minter/grants/default/{wanted}")), 403, "forbidden"),
        (
            "an app that is none",
            request(UNKNOWN).path(&format!("/v1/apps/A_B/grants/{UNKNOWN}/{wanted}")),
            400,
            "bad-request",
        ),
        (
            "an app that nobody knows",
            request(UNKNOWN).path(&format!("/v1/apps/exports/grants/{UNKNOWN}/{wanted}")),
            404,
            "not-found",
        ),
    ];
    rows.map(|(what, request, status, problem)| (format!("{wanted}: {what}"), request, status, problem)).into()
}

fn rows(org: &str) -> Vec<(String, TestRequest, u16, &'static str)> {
    let list = "/v1/apps/reports/grants";
    let token = |subject: &str| TestRequest::get(&path(subject, "token"));
    let own = [
        ("token", token(org), 200, ""),
        ("token: bad parameter", TestRequest::get(&format!("{}?min_ttl=x", path(org, "token"))), 400, "bad-request"),
        ("rejected: another's token", rejection(org, "another"), 200, ""),
        ("rejected: no body", TestRequest::call("POST", &path(org, "token/rejected"), None), 400, "bad-request"),
        ("guest", guest(org), 200, ""),
        ("guest: no name", TestRequest::post(&path(org, "guests"), &json!({"subject": "a"})), 400, "bad-request"),
        ("list", TestRequest::get(list), 200, ""),
        ("list: bad next", TestRequest::get(&format!("{list}?next=x")), 400, "bad-request"),
        ("list: nobody", TestRequest::get(list).caller(None), 401, "unidentified"),
        ("list: a stranger", TestRequest::get(list).caller(Some(FOREIGN)), 403, "forbidden"),
        ("list: the minter's app", TestRequest::get("/v1/apps/minter/grants"), 403, "forbidden"),
        ("list: another method", TestRequest::post(list, &invitation()), 405, "method-not-allowed"),
        ("health", TestRequest::get("/healthz"), 200, ""),
        ("health: another method", TestRequest::post("/healthz", &json!({})), 405, "method-not-allowed"),
        ("document", TestRequest::get("/openapi.json"), 200, ""),
        ("document: another method", TestRequest::post("/openapi.json", &json!({})), 405, "method-not-allowed"),
    ];
    let own = own.map(|(what, request, status, problem)| (what.to_owned(), request, status, problem));
    let any = [
        about_any_grant("token", token),
        about_any_grant("token/rejected", |subject| rejection(subject, "a token")),
        about_any_grant("guests", guest),
    ];
    own.into_iter().chain(any.into_iter().flatten()).collect()
}

#[tokio::test]
async fn answers_are_exactly_those_of_the_openapi_document() {
    let deployment = Box::pin(every_state()).await;
    let mut seen = BTreeSet::new();
    for (what, request, status, problem) in rows(&deployment.org) {
        let answer = deployment.world.at(&deployment.world.vend, &request).await;
        let told = (answer.status, answer.problem());
        assert_eq!(told, (status, problem.to_owned()), "{what}: {}", answer.text);
        seen.extend(openapi::holds(&request, &answer));
    }
    for (what, request, fault, status) in troubles(&deployment.org) {
        deployment.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 9, fault);
        let answer = deployment.world.at(&deployment.world.vend, &request).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        seen.extend(openapi::holds(&request, &answer));
        deployment.world.sim.webex.faults().clear();
        deployment.world.wait(DAY / 24);
    }
    deployment.world.sim.secrets.faults().outage(true);
    let list = TestRequest::get("/v1/apps/reports/grants");
    for request in [list, TestRequest::get(&path(UNKNOWN, "token")), rejection(UNKNOWN, "x"), guest(UNKNOWN)] {
        let answer = deployment.world.at(&deployment.world.vend, &request).await;
        assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()));
        seen.extend(openapi::holds(&request, &answer));
    }
    deployment.world.sim.secrets.faults().outage(false);
    seen.extend(too_often(&deployment).await);
    let described: BTreeSet<_> = openapi::described().into_iter().collect();
    assert_eq!(seen, described, "what happens, and what is said to happen");
}

/// A caller of its own asks until it is refused, and is then refused everywhere.
async fn too_often(deployment: &TestDeployment) -> Vec<openapi::Place> {
    let loops = Some("arn:aws:iam::123456789012:role/loop");
    let [token, list] =
        [path(&deployment.org, "token"), "/v1/apps/reports/grants".to_owned()].map(|path| TestRequest::get(&path));
    while deployment.world.at(&deployment.world.vend, &token.clone().caller(loops)).await.status == 200 {}
    let mut seen = Vec::new();
    for request in [token, list, rejection(&deployment.org, "x"), guest(&deployment.org)] {
        let request = request.caller(loops);
        let answer = deployment.world.at(&deployment.world.vend, &request).await;
        assert_eq!((answer.status, answer.problem()), (429, "throttled".to_owned()));
        seen.extend(openapi::holds(&request, &answer));
    }
    seen
}

fn troubles(org: &str) -> [(&'static str, TestRequest, Fault, u16); 3] {
    let limited = Fault::RateLimited { status: 429, retry_after: Some(60) };
    let refused = Fault::OAuthError { status: 403, code: "access_denied" };
    [
        ("Webex refuses", guest(org), refused, 502),
        ("Webex is down", guest(org), Fault::NonJson(502), 503),
        ("Webex throttles", guest(org), limited, 429),
    ]
}

#[tokio::test]
async fn unknown_path_is_404_for_every_caller() {
    let deployment = TestDeployment::new().await;
    for path in [
        "/",
        "/v1",
        "/v1/apps",
        "/v1/apps/reports",
        "/v1/apps/reports/grants//",
        "/v1/apps/reports/grants/x",
        "/v1/apps/reports/grants/x/token//",
        "/v2/apps/reports/grants",
        "/v1/apps//grants/x/token/more",
        "/healthz//",
        "/openapi.yaml",
        "/webhooks/reports",
    ] {
        for request in
            [TestRequest::get(path), TestRequest::get(path).caller(None), TestRequest::post(path, &json!({}))]
        {
            assert_eq!(deployment.ask(&request).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn wrong_method_is_405_with_the_allowed_one() {
    let deployment = TestDeployment::new().await;
    let routes = [
        ("/healthz".to_owned(), "GET"),
        ("/openapi.json".to_owned(), "GET"),
        ("/v1/apps/reports/grants".to_owned(), "GET"),
        (path(&deployment.org, "token"), "GET"),
        (path(&deployment.org, "token/rejected"), "POST"),
        (path(&deployment.org, "guests"), "POST"),
    ];
    for (path, right) in routes {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].into_iter().filter(|it| *it != right)
        {
            let answer = deployment.ask(&TestRequest::call(method, &path, None)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, right), "{method} {path}");
        }
    }
}
