//! `POST …/guests`.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::{TestDeployment, guest, invitation, path};
use crate::harness::TestRequest;

#[tokio::test]
async fn answer_has_the_fields_of_the_contract() {
    let deployment = TestDeployment::new().await;
    let answer = deployment.ask(&guest(&deployment.org)).await;
    assert_eq!(answer.status, 200);
    let made = answer.json();
    assert!(deployment.world.sim.webex.is_alive(made["access_token"].as_str().unwrap()));
    assert_ne!(made["access_token"], deployment.stored().as_str(), "the guest's own");
    let expected = json!({"access_token": made["access_token"], "token_type": "Bearer", "expires_in": 64_799,
        "guest_id": made["guest_id"]});
    assert_eq!(made, expected);
    let again = deployment.ask(&guest(&deployment.org)).await.json();
    assert_eq!(again["guest_id"], made["guest_id"], "the same person");
    assert_ne!(again["access_token"], made["access_token"]);
}

#[tokio::test]
async fn body_needs_subject_and_display_name() {
    let deployment = TestDeployment::new().await;
    let (longest, too_long) = ("é".repeat(256), "é".repeat(257));
    let table = [
        (json!({"subject": "a", "display_name": "Ada", "more": 1}), 200),
        (json!({"subject": longest, "display_name": longest}), 200),
        (json!({"subject": too_long, "display_name": "Ada"}), 400),
        (json!({"subject": "a", "display_name": too_long}), 400),
        (json!({"subject": "", "display_name": "Ada"}), 400),
        (json!({"subject": "a", "display_name": "  "}), 400),
        (json!({"subject": "a", "displayName": "Ada"}), 400),
        (json!({"display_name": "Ada"}), 400),
        (json!({"subject": 7, "display_name": "Ada"}), 400),
        (json!([]), 400),
        (json!(["a", "Ada"]), 400),
        (json!(null), 400),
    ];
    for (body, status) in table {
        let answer = deployment.ask(&TestRequest::post(&path(&deployment.org, "guests"), &body)).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    let text = TestRequest::post(&path(&deployment.org, "guests"), &invitation()).text("subject=a&display_name=Ada");
    assert_eq!(deployment.ask(&text).await.status, 400);
}

#[tokio::test]
async fn webex_429_is_passed_on_with_its_wait() {
    let deployment = TestDeployment::new().await;
    let limited = Fault::RateLimited { status: 429, retry_after: Some(77) };
    deployment.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 1, limited);
    let answer = deployment.ask(&guest(&deployment.org)).await;
    assert_eq!((answer.status, answer.retry_after()), (429, 77));
    assert_eq!(answer.problem(), "throttled");
    let said = deployment.world.sim.webex.journal().of(Endpoint::GuestToken)[0].tracking_id.clone();
    assert_eq!(answer.json()["tracking_id"], said.as_str());
    deployment.world.wait(SignedDuration::from_secs(30));
    let held = deployment.ask(&guest(&deployment.org)).await;
    assert_eq!((held.status, held.retry_after()), (429, 47), "not asked again before");
    assert_eq!(deployment.world.sim.webex.journal().count(Endpoint::GuestToken), 1);
    let other = deployment.world.sim.webex.add_org("another customer");
    deployment.world.onboard(&deployment.app, &other).await;
    assert_eq!(deployment.ask(&guest(&other)).await.status, 200, "another token is another sender");
    deployment.world.wait(SignedDuration::from_secs(47));
    assert_eq!(deployment.ask(&guest(&deployment.org)).await.status, 200);
}

#[tokio::test]
async fn webex_4xx_is_502_with_tracking_id() {
    let deployment = TestDeployment::new().await;
    for status in [400, 401, 403, 404, 409] {
        let refused = Fault::EnvelopeError { status, message: "Webex's own words.".to_owned() };
        deployment.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 1, refused);
        let answer = deployment.ask(&guest(&deployment.org)).await;
        assert_eq!((answer.status, answer.problem()), (502, "webex-refused".to_owned()), "{status}");
        let said = deployment.world.sim.webex.journal().of(Endpoint::GuestToken).pop().unwrap().tracking_id;
        assert_eq!(answer.json()["tracking_id"], said.as_str(), "{status}");
        assert!(answer.text.contains("Webex's own words."), "{}", answer.text);
    }
}

#[tokio::test]
async fn webex_outage_is_503_with_retry_after() {
    let deployment = TestDeployment::new().await;
    for fault in [Fault::NonJson(502), Fault::EnvelopeError { status: 500, message: "x".to_owned() }, Fault::Drop] {
        deployment.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 9, fault.clone());
        let answer = deployment.ask(&guest(&deployment.org)).await;
        assert_eq!((answer.status, answer.problem()), (503, "unavailable".to_owned()), "{fault:?}");
        deployment.world.sim.webex.faults().clear();
    }
    deployment.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 1, Fault::NonJson(503));
    assert_eq!(deployment.ask(&guest(&deployment.org)).await.status, 200, "one hiccup is repeated");
    let nonsense = Fault::Status { code: 200, body: "{}".to_owned(), retry_after: None };
    deployment.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 1, nonsense);
    assert_eq!(deployment.ask(&guest(&deployment.org)).await.status, 503, "a success without a token");
}

#[tokio::test]
async fn expiring_token_is_renewed_first() {
    let deployment = TestDeployment::new().await;
    let refreshes = deployment.refreshes();
    deployment.world.wait(SignedDuration::from_secs(1_209_599 - 200));
    assert_eq!(deployment.ask(&guest(&deployment.org)).await.status, 200);
    assert_eq!(deployment.refreshes(), refreshes + 1);
}

#[tokio::test]
async fn guest_of_a_fenced_or_absent_grant_is_refused() {
    let deployment = TestDeployment::new().await;
    deployment.fence().await;
    assert_eq!(deployment.ask(&guest(&deployment.org)).await.status, 410);
    assert_eq!(deployment.ask(&guest("default")).await.status, 404);
    assert_eq!(deployment.world.sim.webex.journal().count(Endpoint::GuestToken), 0);
}
