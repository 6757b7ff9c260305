//! Errors of Webex that repeat what it was sent.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::everyday::{Participants, about, exchange, guest};
use super::leak_detector::LeakDetector;

/// Responses: a status, and whether the body is a Webex envelope.
const RESPONSES: [(u16, bool); 7] =
    [(400, true), (401, true), (403, true), (404, false), (429, true), (500, false), (200, true)];

/// Longer than the longest back-off, and so long that four renewals take a day.
const BETWEEN_RENEWALS: SignedDuration = SignedDuration::from_hours(6);

/// A body with `secret` in every field that the adapter reads, and in some that it ignores.
fn body_with(secret: &str, envelope: bool) -> String {
    if !envelope {
        return format!("<html>{secret} was refused; {secret}</html>");
    }
    let words = format!("The value {secret} is not valid.");
    let echo = json!({"message": words, "error": secret, "error_description": words, "trackingId": secret,
        "errors": [{"description": secret}, secret], "access_token": {"value": secret}, "expires_in": secret, secret: 1});
    echo.to_string()
}

/// Makes the responses of `endpoint` repeat `secret` while the refresher executes `payload`, once per response.
async fn echo(
    detector: &mut LeakDetector,
    endpoint: Endpoint,
    secret: &str,
    payload: impl Fn(&mut LeakDetector) -> Value,
) {
    for (code, envelope) in RESPONSES {
        let body = body_with(secret, envelope);
        let fault = Fault::Status { code, body, retry_after: None };
        detector.world.sim.webex.faults().fail_next(endpoint, 9, fault);
        let asked = detector.world.sim.webex.journal().count(endpoint);
        let payload = payload(detector);
        let answer = detector.ask(payload).await;
        let times = detector.world.sim.webex.journal().count(endpoint) - asked;
        assert!(times > 0, "the command did not reach {endpoint:?}: {answer}");
        detector.world.sim.webex.faults().clear();
    }
}

pub(super) async fn errors_that_repeat_secrets(detector: &mut LeakDetector, participants: &Participants) {
    let client_secret = participants.app.webex.client_secret.clone();
    let minter = detector.world.sim.secrets.current_json("webex-token-broker/grants/minter/default").unwrap();
    let bearer = minter["access_token"].as_str().unwrap().to_owned();
    refreshes(detector, participants, &client_secret).await;
    for secret in [&client_secret, &bearer] {
        let nth = std::cell::Cell::new(0);
        let another_org = |_: &mut LeakDetector| {
            nth.set(nth.get() + 1);
            json!({"reconcile": {"app": "reports", "subject": format!("5ec5ec00-0000-4000-9000-{:012}", nth.get())}})
        };
        echo(detector, Endpoint::Mint, secret, another_org).await;
    }
    for secret in [&participants.integration.client_secret, super::everyday::VERIFIER] {
        echo(detector, Endpoint::Exchange, secret, |detector| exchange(&participants.code(detector), true)).await;
    }
    let code = participants.code(detector);
    echo(detector, Endpoint::Exchange, &code, |_| exchange(&code, false)).await;
    for (endpoint, secret) in [
        (Endpoint::ListWebhooks, bearer.as_str()),
        (Endpoint::UpdateWebhook, &bearer),
        (Endpoint::UpdateWebhook, &participants.app.secret),
    ] {
        let nth = std::cell::Cell::new(0);
        let moved = |_: &mut LeakDetector| {
            nth.set(nth.get() + 1);
            json!({"sweep": {"webhook_url": format!("https://moved-{}.example", nth.get()), "force": true}})
        };
        echo(detector, endpoint, secret, moved).await;
    }
    guests_and_expiry(detector, participants).await;
}

/// Lets the refresher renew the grant once more: its access token is dead, and no back-off or daily limit applies.
fn make_renewable(detector: &mut LeakDetector, participants: &Participants) {
    let record = detector.world.document(&participants.app, super::everyday::ORG).unwrap();
    detector.world.sim.webex.kill(record["access_token"].as_str().unwrap());
    detector.world.wait(BETWEEN_RENEWALS);
}

async fn refreshes(detector: &mut LeakDetector, participants: &Participants, client_secret: &str) {
    let rejected = |detector: &mut LeakDetector| {
        make_renewable(detector, participants);
        let mut payload = about("renew");
        payload["renew"]["reason"] = "rejected".into();
        payload
    };
    echo(detector, Endpoint::Refresh, client_secret, rejected).await;
    for _ in RESPONSES {
        let record = detector.world.document(&participants.app, super::everyday::ORG).unwrap();
        let token = record["refresh_token"].as_str().unwrap().to_owned();
        echo(detector, Endpoint::Refresh, &token, rejected).await;
    }
    let copied = "a-refresh-token-copied-from-the-portal-with-blanks and \"quotes\"";
    detector.canaries.add("a copied token", copied);
    let import =
        |_: &mut LeakDetector| json!({"import": {"app": "mobile", "subject": "grace", "refresh_token": copied}});
    echo(detector, Endpoint::Refresh, copied, import).await;
}

async fn guests_and_expiry(detector: &mut LeakDetector, participants: &Participants) {
    let record = detector.world.document(&participants.app, super::everyday::ORG).unwrap();
    let token = record["access_token"].as_str().unwrap().to_owned();
    echo(detector, Endpoint::TokenExpiry, &token, |_| about("verify")).await;
    for (code, envelope) in RESPONSES {
        let body = body_with(&token, envelope);
        let fault = Fault::Status { code, body, retry_after: None };
        detector.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 9, fault);
        assert!(detector.call(&guest()).await > 400);
        detector.world.sim.webex.faults().clear();
        detector.world.wait(SignedDuration::from_secs(61));
    }
    let personal = detector.world.sim.webex.personal_access_token("ada");
    detector.canaries.add("a personal access token", &personal);
    let import =
        |_: &mut LeakDetector| json!({"import": {"app": "minter", "subject": "default", "access_token": personal}});
    let fault = Fault::Status { code: 401, body: body_with(&personal, true), retry_after: None };
    detector.world.sim.webex.faults().fail_next(Endpoint::TokenExpiry, 9, fault);
    let payload = import(detector);
    detector.ask(payload).await;
    detector.world.sim.webex.faults().clear();
}
