//! Which pairs are stored: those that Webex issued for this grant, in a form that can be used.

use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::{active_orgs, active_token, due_orgs, ready};

#[tokio::test]
async fn import_of_another_orgs_pair_is_refused() {
    let (world, reports, orgs) = active_orgs(2).await;
    let theirs = world.document(&reports, &orgs[1]).unwrap()["refresh_token"].clone();
    let before = world.document(&reports, &orgs[0]).unwrap();
    let import = json!({"import": {"app": "reports", "subject": orgs[0], "refresh_token": theirs}});
    let answer = world.ask(import).await;
    assert_ne!(answer["error"], Value::Null, "the pair belongs to another org: {answer}");
    let stored = world.document(&reports, &orgs[0]).unwrap();
    assert_eq!(stored["refresh_token"], before["refresh_token"], "the org's own pair should stay");
    assert_eq!(world.token(&reports, &orgs[0]).await.status, 200);

    let unknown = world.sim.webex.add_org("without a grant");
    let import = json!({"import": {"app": "reports", "subject": unknown, "refresh_token": theirs}});
    let answer = world.ask(import).await;
    assert_ne!(answer["error"], Value::Null, "the pair belongs to another org: {answer}");
    assert_ne!(world.token(&reports, &unknown).await.status, 200, "a refused import should serve nothing");
}

#[tokio::test]
async fn import_of_the_orgs_own_pair_is_stored() {
    let (world, reports, org) = ready().await;
    world.onboard(&reports, &org).await;
    let own = world.document(&reports, &org).unwrap()["refresh_token"].clone();
    assert!(world.sim.secrets.remove(&format!("webex-token-broker/grants/reports/{org}")));
    let answer = world.ask(json!({"import": {"app": "reports", "subject": org, "refresh_token": own}})).await;
    assert_eq!(answer["state"], "active", "{answer}");
    assert!(world.sim.webex.is_alive(&active_token(&world, &reports, &org)));
}

/// Token answers with status 200 that hold no pair worth storing.
fn unusable_answers() -> Vec<Value> {
    let good = json!({"access_token": "a-token-that-is-long-enough", "expires_in": 1_209_599,
        "refresh_token": "a-refresh-token-that-is-long-enough", "refresh_token_expires_in": 7_775_999});
    let mut answers = vec![json!({}), json!({"message": "Service unavailable."}), json!([good])];
    for token in ["nnn\r\nX-Evil: 1", "nnn\u{0}", "n n", "nénn"] {
        for field in ["access_token", "refresh_token"] {
            let mut answer = good.clone();
            answer[field] = token.into();
            answers.push(answer);
        }
    }
    let mut empty = good.clone();
    empty["access_token"] = "".into();
    answers.push(empty);
    for seconds in [-1, 0, 1_000_000_000_000_i64] {
        let mut answer = good.clone();
        answer["expires_in"] = seconds.into();
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn unusable_token_answer_never_replaces_a_good_pair() {
    for answer in unusable_answers() {
        let (world, reports, orgs) = due_orgs(1).await;
        let fault = Fault::Status { code: 200, body: answer.to_string(), retry_after: None };
        world.sim.webex.faults().fail_all(Endpoint::Refresh, fault);
        let report = world.sweep().await;
        let token = active_token(&world, &reports, &orgs[0]);
        assert!(world.sim.webex.is_alive(&token), "the good pair should stay: {answer}, {report}");
        assert_eq!(world.token(&reports, &orgs[0]).await.status, 200, "{answer}");
        world.sim.webex.faults().stop_failing(Endpoint::Refresh);
        world.sweep().await;
        let stored = world.document(&reports, &orgs[0]).unwrap();
        assert_eq!(stored["failure"], Value::Null, "the next sweep should renew: {answer}");
    }
}
