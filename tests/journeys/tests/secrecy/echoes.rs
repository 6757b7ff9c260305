//! Webex repeats in its errors what it was sent.

use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault};

use super::everyday::{Stage, about, exchange, guest};
use super::watch::Watch;

/// Ways to fail: a status, and whether the body is one of Webex's envelopes.
const WAYS: [(u16, bool); 7] =
    [(400, true), (401, true), (403, true), (404, false), (429, true), (500, false), (200, true)];

/// A body with `secret` in every field that anybody reads, and in some that nobody does.
fn body(secret: &str, envelope: bool) -> String {
    if !envelope {
        return format!("<html>{secret} was not welcome; {secret}</html>");
    }
    let words = format!("The value {secret} is not valid.");
    let echo = json!({"message": words, "error": secret, "error_description": words, "trackingId": secret,
        "errors": [{"description": secret}, secret], "access_token": {"value": secret}, "expires_in": secret, secret: 1});
    echo.to_string()
}

/// Makes the next answers of `endpoint` repeat `secret`, does something that asks it, and mends it again.
async fn echo(watch: &mut Watch, endpoint: Endpoint, secret: &str, payload: impl Fn(&mut Watch) -> Value) {
    for (code, envelope) in WAYS {
        let body = body(secret, envelope);
        let fault = Fault::Status { code, body, retry_after: None };
        watch.world.sim.webex.faults().fail_next(endpoint, 9, fault);
        let asked = watch.world.sim.webex.journal().count(endpoint);
        let payload = payload(watch);
        let answer = watch.ask(payload).await;
        let times = watch.world.sim.webex.journal().count(endpoint) - asked;
        assert!(times > 0, "{endpoint:?} was not asked: {answer}");
        watch.world.sim.webex.faults().clear();
    }
}

pub(super) async fn webex_repeats_what_it_was_sent(watch: &mut Watch, stage: &Stage) {
    let client_secret = stage.app.webex.client_secret.clone();
    let minter = watch.world.sim.secrets.current_json("webex-token-broker/grants/minter/default").unwrap();
    let bearer = minter["access_token"].as_str().unwrap().to_owned();
    refreshes(watch, stage, &client_secret).await;
    for secret in [&client_secret, &bearer] {
        let nth = std::cell::Cell::new(0);
        let another_org = |_: &mut Watch| {
            nth.set(nth.get() + 1);
            json!({"reconcile": {"app": "reports", "subject": format!("5ec5ec00-0000-4000-9000-{:012}", nth.get())}})
        };
        echo(watch, Endpoint::Mint, secret, another_org).await;
    }
    for secret in [&stage.mobile.client_secret, super::everyday::VERIFIER] {
        echo(watch, Endpoint::Exchange, secret, |watch| exchange(&stage.code(watch), true)).await;
    }
    let code = stage.code(watch);
    echo(watch, Endpoint::Exchange, &code, |_| exchange(&code, false)).await;
    for (endpoint, secret) in [
        (Endpoint::ListWebhooks, bearer.as_str()),
        (Endpoint::UpdateWebhook, &bearer),
        (Endpoint::UpdateWebhook, &stage.app.secret),
    ] {
        let nth = std::cell::Cell::new(0);
        let moved = |_: &mut Watch| {
            nth.set(nth.get() + 1);
            json!({"sweep": {"webhook_url": format!("https://moved-{}.example", nth.get())}})
        };
        echo(watch, endpoint, secret, moved).await;
    }
    guests_and_expiry(watch, stage).await;
}

async fn refreshes(watch: &mut Watch, stage: &Stage, client_secret: &str) {
    let rejected = |_: &mut Watch| {
        let mut payload = about("renew");
        payload["renew"]["reason"] = "rejected".into();
        payload
    };
    echo(watch, Endpoint::Refresh, client_secret, rejected).await;
    for _ in WAYS {
        let record = watch.world.document(&stage.app, super::everyday::ORG).unwrap();
        let token = record["refresh_token"].as_str().unwrap().to_owned();
        echo(watch, Endpoint::Refresh, &token, rejected).await;
    }
    let copied = "a-refresh-token-copied-from-the-portal-with-blanks and \"quotes\"";
    watch.canaries.add("a copied token", copied);
    let import = |_: &mut Watch| json!({"import": {"app": "mobile", "subject": "grace", "refresh_token": copied}});
    echo(watch, Endpoint::Refresh, copied, import).await;
}

async fn guests_and_expiry(watch: &mut Watch, stage: &Stage) {
    let record = watch.world.document(&stage.app, super::everyday::ORG).unwrap();
    let token = record["access_token"].as_str().unwrap().to_owned();
    echo(watch, Endpoint::TokenExpiry, &token, |_| about("verify")).await;
    for (code, envelope) in WAYS {
        let body = body(&token, envelope);
        let fault = Fault::Status { code, body, retry_after: None };
        watch.world.sim.webex.faults().fail_next(Endpoint::GuestToken, 9, fault);
        assert!(watch.call(&guest()).await > 400);
        watch.world.sim.webex.faults().clear();
        watch.world.wait(jiff::SignedDuration::from_secs(61));
    }
    let personal = watch.world.sim.webex.personal_access_token("ada");
    watch.canaries.add("a personal access token", &personal);
    let import = |_: &mut Watch| json!({"import": {"app": "minter", "subject": "default", "access_token": personal}});
    let fault = Fault::Status { code: 401, body: body(&personal, true), retry_after: None };
    watch.world.sim.webex.faults().fail_next(Endpoint::TokenExpiry, 9, fault);
    let payload = import(watch);
    watch.ask(payload).await;
    watch.world.sim.webex.faults().clear();
}
