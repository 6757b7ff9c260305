//! Every answer that the contract gives vend, once, in one deployment that has a grant in every state.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::{DAY, Desk, guest, invitation, openapi, path, rejection};
use crate::harness::Knock;

const PENDING: &str = "00000000-0000-4000-8000-00000000000a";
const FENCED: &str = "00000000-0000-4000-8000-00000000000b";
const REVOKED: &str = "00000000-0000-4000-8000-00000000000c";
const BROKEN: &str = "00000000-0000-4000-8000-00000000000d";
const UNKNOWN: &str = "00000000-0000-4000-8000-00000000000e";
const FOREIGN: &str = "arn:aws:iam::999999999999:role/stranger";

/// A grant in every state beside the live one.
async fn every_state() -> Desk {
    let desk = Desk::new().await;
    let (world, app) = (&desk.world, &desk.app);
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
    desk
}

fn renamed(document: &serde_json::Value) -> serde_json::Value {
    let mut document = document.clone();
    document["subject"] = FENCED.into();
    document
}

/// What any of the three requests about a grant is answered, whatever it wants.
fn about_any_grant(wanted: &str, knock: impl Fn(&str) -> Knock) -> Vec<(String, Knock, u16, &'static str)> {
    let rows = [
        ("a subject that is none", knock("A_B"), 400, "bad-request"),
        ("nobody", knock(UNKNOWN).caller(None), 401, "unidentified"),
        ("a stranger", knock(UNKNOWN).caller(Some(FOREIGN)), 403, "forbidden"),
        ("unknown", knock(UNKNOWN), 404, "not-found"),
        ("pending", knock(PENDING), 409, "pending"),
        ("fenced", knock(FENCED), 410, "fenced"),
        ("revoked", knock(REVOKED), 410, "revoked"),
        ("unreadable", knock(BROKEN), 503, "unavailable"),
        ("another method", knock(UNKNOWN).method("DELETE"), 405, "method-not-allowed"),
        ("the minter", knock("default").path(&format!("/v1/apps/minter/grants/default/{wanted}")), 403, "forbidden"),
        (
            "an app that is none",
            knock(UNKNOWN).path(&format!("/v1/apps/A_B/grants/{UNKNOWN}/{wanted}")),
            400,
            "bad-request",
        ),
        (
            "an app that nobody knows",
            knock(UNKNOWN).path(&format!("/v1/apps/exports/grants/{UNKNOWN}/{wanted}")),
            404,
            "not-found",
        ),
    ];
    rows.map(|(what, knock, status, problem)| (format!("{wanted}: {what}"), knock, status, problem)).into()
}

fn rows(org: &str) -> Vec<(String, Knock, u16, &'static str)> {
    let list = "/v1/apps/reports/grants";
    let token = |subject: &str| Knock::get(&path(subject, "token"));
    let own = [
        ("token", token(org), 200, ""),
        ("token: bad parameter", Knock::get(&format!("{}?min_ttl=x", path(org, "token"))), 400, "bad-request"),
        ("rejected: another's token", rejection(org, "another"), 200, ""),
        ("rejected: no body", Knock::call("POST", &path(org, "token/rejected"), None), 400, "bad-request"),
        ("guest", guest(org), 200, ""),
        ("guest: no name", Knock::post(&path(org, "guests"), &json!({"subject": "a"})), 400, "bad-request"),
        ("list", Knock::get(list), 200, ""),
        ("list: bad next", Knock::get(&format!("{list}?next=x")), 400, "bad-request"),
        ("list: nobody", Knock::get(list).caller(None), 401, "unidentified"),
        ("list: a stranger", Knock::get(list).caller(Some(FOREIGN)), 403, "forbidden"),
        ("list: another method", Knock::post(list, &invitation()), 405, "method-not-allowed"),
        ("health", Knock::get("/healthz"), 200, ""),
        ("health: another method", Knock::post("/healthz", &json!({})), 405, "method-not-allowed"),
        ("document", Knock::get("/openapi.json"), 200, ""),
        ("document: another method", Knock::post("/openapi.json", &json!({})), 405, "method-not-allowed"),
    ];
    let own = own.map(|(what, knock, status, problem)| (what.to_owned(), knock, status, problem));
    let any = [
        about_any_grant("token", token),
        about_any_grant("token/rejected", |subject| rejection(subject, "a token")),
        about_any_grant("guests", guest),
    ];
    own.into_iter().chain(any.into_iter().flatten()).collect()
}

#[tokio::test]
async fn each_answer_of_the_contract_is_given_and_described_and_no_other() {
    let desk = every_state().await;
    let mut seen = BTreeSet::new();
    for (what, knock, status, problem) in rows(&desk.org) {
        let answer = desk.world.at(&desk.world.vend, &knock).await;
        let told = (answer.status, answer.problem());
        assert_eq!(told, (status, problem.to_owned()), "{what}: {}", answer.text);
        seen.extend(openapi::holds(&knock, &answer));
    }
    for (what, knock, fault, status) in troubles(&desk.org) {
        desk.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 9, fault);
        let answer = desk.world.at(&desk.world.vend, &knock).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        seen.extend(openapi::holds(&knock, &answer));
        desk.world.sim.webex.faults().clear();
        desk.world.wait(DAY / 24);
    }
    desk.world.sim.secrets.faults().outage(true);
    let list = Knock::get("/v1/apps/reports/grants");
    for knock in [list, Knock::get(&path(UNKNOWN, "token")), rejection(UNKNOWN, "x"), guest(UNKNOWN)] {
        let answer = desk.world.at(&desk.world.vend, &knock).await;
        assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()));
        seen.extend(openapi::holds(&knock, &answer));
    }
    desk.world.sim.secrets.faults().outage(false);
    seen.extend(too_often(&desk).await);
    let described: BTreeSet<_> = openapi::described().into_iter().collect();
    assert_eq!(seen, described, "what happens, and what is said to happen");
}

/// A caller of its own asks until it is refused, and is then refused everywhere.
async fn too_often(desk: &Desk) -> Vec<openapi::Place> {
    let loops = Some("arn:aws:iam::123456789012:role/loop");
    let [token, list] = [path(&desk.org, "token"), "/v1/apps/reports/grants".to_owned()].map(|path| Knock::get(&path));
    while desk.world.at(&desk.world.vend, &token.clone().caller(loops)).await.status == 200 {}
    let mut seen = Vec::new();
    for knock in [token, list, rejection(&desk.org, "x"), guest(&desk.org)] {
        let knock = knock.caller(loops);
        let answer = desk.world.at(&desk.world.vend, &knock).await;
        assert_eq!((answer.status, answer.problem()), (429, "throttled".to_owned()));
        seen.extend(openapi::holds(&knock, &answer));
    }
    seen
}

fn troubles(org: &str) -> [(&'static str, Knock, Fault, u16); 3] {
    let limited = Fault::RateLimited { status: 429, retry_after: Some(60) };
    let refused = Fault::OAuthError { status: 403, code: "access_denied" };
    [
        ("Webex refuses", guest(org), refused, 502),
        ("Webex is down", guest(org), Fault::NonJson(502), 503),
        ("Webex throttles", guest(org), limited, 429),
    ]
}

#[tokio::test]
async fn what_is_no_route_is_404_for_everybody() {
    let desk = Desk::new().await;
    for path in [
        "/",
        "/v1",
        "/v1/apps",
        "/v1/apps/reports",
        "/v1/apps/reports/grants/",
        "/v1/apps/reports/grants/x",
        "/v1/apps/reports/grants/x/token/",
        "/v2/apps/reports/grants",
        "/v1/apps//grants/x/token/more",
        "/healthz/",
        "/openapi.yaml",
        "/webhooks/reports",
    ] {
        for knock in [Knock::get(path), Knock::get(path).caller(None), Knock::post(path, &json!({}))] {
            assert_eq!(desk.ask(&knock).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_one() {
    let desk = Desk::new().await;
    let routes = [
        ("/healthz".to_owned(), "GET"),
        ("/openapi.json".to_owned(), "GET"),
        ("/v1/apps/reports/grants".to_owned(), "GET"),
        (path(&desk.org, "token"), "GET"),
        (path(&desk.org, "token/rejected"), "POST"),
        (path(&desk.org, "guests"), "POST"),
    ];
    for (path, right) in routes {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].into_iter().filter(|it| *it != right)
        {
            let answer = desk.ask(&Knock::call(method, &path, None)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, right), "{method} {path}");
        }
    }
}
