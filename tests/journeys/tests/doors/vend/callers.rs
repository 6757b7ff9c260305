//! Who may ask.

use simulator::webex::ids;

use super::{Desk, guest, openapi, path, rejection};
use crate::harness::Knock;

const LIST: &str = "/v1/apps/reports/grants";

/// Every request that needs an identity.
fn routes(org: &str) -> [Knock; 4] {
    [Knock::get(&path(org, "token")), rejection(org, "x"), guest(org), Knock::get(LIST)]
}

#[tokio::test]
async fn whoever_has_an_identity_of_the_deployments_own_account_may() {
    let desk = Desk::new().await;
    for arn in [
        "arn:aws:sts::123456789012:assumed-role/reporting/nightly",
        "arn:aws:iam::123456789012:user/ada",
        "arn:aws:iam::123456789012:role/path/reporting",
    ] {
        for knock in routes(&desk.org) {
            assert_eq!(desk.ask(&knock.caller(Some(arn))).await.status, 200, "{arn}");
        }
    }
}

#[tokio::test]
async fn nobody_is_401_and_told_how_to_be_somebody() {
    let desk = Desk::new().await;
    let calls = desk.calls();
    for knock in routes(&desk.org) {
        for arn in [None, Some("")] {
            let answer = desk.ask(&knock.clone().caller(arn)).await;
            assert_eq!((answer.status, answer.problem()), (401, "unidentified".to_owned()));
            assert_eq!(answer.header("www-authenticate"), "AWS4-HMAC-SHA256", "all that is configured");
        }
        let mut jwt = knock.caller(None).header("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.");
        jwt.0["requestContext"]["authorizer"] = serde_json::json!({"jwt": {"claims": {"sub": "ada"}, "scopes": null}});
        assert_eq!(desk.ask(&jwt).await.status, 401, "no issuer is configured");
    }
    assert_eq!(desk.calls(), calls, "nothing was looked up for nobody");
}

#[tokio::test]
async fn a_stranger_is_403_whatever_there_is() {
    let desk = Desk::new().await;
    let calls = desk.calls();
    for arn in [
        "arn:aws:iam::999999999999:user/eve",
        "arn:aws:sts::999999999999:assumed-role/reporting/nightly",
        "arn:aws:iam::1234567890120:user/eve",
        "arn:aws:s3:::123456789012",
        "123456789012",
        "arn:aws:iam::aws:policy/123456789012",
    ] {
        for org in [desk.org.as_str(), "unknown", "A_B"] {
            for knock in routes(org) {
                let answer = desk.ask(&knock.caller(Some(arn))).await;
                assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()), "{arn} {org}");
                assert!(!answer.text.contains("999999999999"), "{}", answer.text);
            }
        }
    }
    assert_eq!(desk.calls(), calls);
}

#[tokio::test]
async fn the_minter_is_nobodys_however_it_is_written() {
    let org = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
    let minter = format!("reports/{org}");
    let world = crate::harness::World::with(&[("MINTER", &minter)]).await;
    for written in
        [org.to_owned(), org.to_uppercase(), ids::org_id(org), ids::padded_org_id(org), ids::bare_org_id(org)]
    {
        let [token, rejected, guest, _] = routes(&written);
        for knock in [token, rejected, guest] {
            let answer = world.at(&world.vend, &knock).await;
            assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()), "{written}");
        }
    }
}

#[tokio::test]
async fn the_minter_is_refused_before_anything_about_it_is_said() {
    let desk = Desk::new().await;
    let calls = desk.calls();
    for (knock, what) in [
        (Knock::get("/v1/apps/minter/grants/default/token"), "token"),
        (Knock::get("/v1/apps/minter/grants/default/token?min_ttl=x"), "a bad parameter"),
        (Knock::call("POST", "/v1/apps/minter/grants/default/token/rejected", None), "no body"),
        (Knock::get("/v1/apps/m%69nter/grants/d%65fault/token"), "escaped"),
    ] {
        assert_eq!(desk.ask(&knock).await.status, 403, "{what}");
    }
    assert_eq!(desk.calls(), calls);
}

#[tokio::test]
async fn where_callers_are_open_everybody_may_but_the_minter_stays_shut() {
    let desk = Desk::with(&[("CALLERS", "open")]).await;
    for knock in routes(&desk.org) {
        for arn in [None, Some("arn:aws:iam::999999999999:user/eve")] {
            assert_eq!(desk.ask(&knock.clone().caller(arn)).await.status, 200);
        }
    }
    let minter = Knock::get("/v1/apps/minter/grants/default/token").caller(None);
    assert_eq!(desk.ask(&minter).await.status, 403);
}

/// A guard against loops: a thousand at once, and a hundred a second after that.
#[tokio::test]
async fn who_asks_too_often_is_429_and_nobody_else_is() {
    let desk = Desk::new().await;
    let ask = Knock::get(&path(&desk.org, "token"));
    let calls = desk.calls();
    let mut allowed = 0;
    let refused = loop {
        let answer = desk.world.at(&desk.world.vend, &ask).await;
        match answer.status {
            200 => allowed += 1,
            _ => break answer,
        }
        assert!(allowed < 10_000, "nobody is ever refused");
    };
    assert_eq!((refused.status, refused.problem()), (429, "throttled".to_owned()));
    openapi::holds(&ask, &refused);
    assert_eq!(desk.calls(), (calls.0 + 1, calls.1), "one read for {allowed} answers");
    for knock in routes(&desk.org) {
        assert_eq!(desk.ask(&knock.clone()).await.status, 429, "on every route");
        let other = knock.caller(Some("arn:aws:iam::123456789012:user/ada"));
        assert_eq!(desk.ask(&other).await.status, 200);
    }
    let session = ask.clone().caller(Some("arn:aws:sts::123456789012:assumed-role/reporting/another"));
    assert_eq!(desk.ask(&session).await.status, 429, "a new session is the same caller");
    let wait = i64::try_from(refused.retry_after()).unwrap();
    desk.world.wait(jiff::SignedDuration::from_secs(wait));
    assert_eq!(desk.ask(&ask).await.status, 200);
}
