//! Callers put secrets where none belong.

use serde_json::{Value, json};
use simulator::webex::Delivery;

use super::everyday::{ORG, Stage, path};
use super::watch::Watch;
use crate::harness::TestRequest;

/// No name, number, digest or id of anything.
const CANARY: &str = "CANARY_In.A~Request-That/Is_NoName+AtAll=";

pub(super) async fn secrets_in_the_wrong_place(watch: &mut Watch, stage: &Stage) {
    watch.canaries.add("a request's canary", CANARY);
    payloads(watch).await;
    calls(watch).await;
    deliveries(watch, stage).await;
}

async fn payloads(watch: &mut Watch) {
    let mut payloads = vec![json!(CANARY), json!([CANARY]), json!({CANARY: {}}), json!({"sweep": {}, CANARY: 1})];
    let odd = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!({"more": {"deep": CANARY}})];
    for tag in ["sweep", "reconcile", "fence", "renew", "import", "exchange", "verify"] {
        payloads.extend(odd.iter().map(|body| json!({ tag: body })));
        for field in fields(tag) {
            payloads.extend(odd.iter().map(|value| json!({ tag: with(field, value) })));
        }
    }
    for payload in payloads {
        watch.ask(payload).await;
    }
}

/// The fields of a command that could hold something odd. Where to deliver webhooks is told to Webex and no secret.
fn fields(tag: &str) -> &'static [&'static str] {
    match tag {
        "reconcile" => &["app", "subject", "authorized_at"],
        "renew" => &["app", "subject", "if_sha256", "reason"],
        "import" => &["app", "subject", "access_token", "refresh_token", "expires_in"],
        "exchange" => &["app", "subject", "code", "redirect_uri", "code_verifier", "show"],
        "fence" | "verify" => &["app", "subject"],
        _ => &[],
    }
}

/// A body of every command, with one field replaced. It is about a grant that there is not.
fn with(field: &str, value: &Value) -> Value {
    let mut body = json!({"app": "mobile", "subject": "nobody", "refresh_token": "no-such-refresh-token", "code": "no-such-code",
        "redirect_uri": "https://x.example", "code_verifier": "no-such-verifier"});
    body[field] = value.clone();
    body
}

async fn calls(watch: &mut Watch) {
    let escaped: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    let list = "/v1/apps/reports/grants";
    let mut knocks = vec![
        TestRequest::get(&format!("/{escaped}")),
        TestRequest::get(&format!("/v1/apps/{escaped}/grants")),
        TestRequest::get(&format!("{list}/{escaped}/token")),
        TestRequest::get(&format!("/v1/apps/{escaped}/grants/{ORG}/token")),
        TestRequest::get(&format!("{}?min_ttl={escaped}", path("token"))),
        TestRequest::get(&format!("{}?{escaped}={escaped}", path("token"))),
        TestRequest::get(&format!("{list}?next={escaped}")),
        TestRequest::get(&format!("{list}?next=b.{escaped}")),
        TestRequest::get(&path("token")).header("authorization", &format!("AWS4-HMAC-SHA256 Signature={CANARY}")),
        TestRequest::get(&path("token")).caller(None).header("authorization", &format!("Bearer {CANARY}")),
        TestRequest::get(&path("token")).header("x-amz-security-token", CANARY).header("cookie", CANARY),
        TestRequest::post(&path("guests"), &json!({})).text(CANARY),
    ];
    for body in [
        json!(CANARY),
        json!([CANARY]),
        json!({"access_token_sha256": CANARY}),
        json!({"access_token": CANARY}),
        json!({CANARY: 1}),
    ] {
        knocks.push(TestRequest::post(&path("token/rejected"), &body));
        knocks.push(TestRequest::post(&path("guests"), &body));
    }
    for request in knocks {
        watch.call(&request).await;
    }
}

async fn deliveries(watch: &mut Watch, stage: &Stage) {
    let secret = stage.app.secret.as_str();
    let event = watch.world.sim.webex.event(simulator::webex::Change::Authorized, &stage.app, ORG);
    let mut bodies = vec![json!(CANARY), json!({"resource": CANARY}), json!({CANARY: CANARY})];
    for pointer in
        ["/resource", "/event", "/data/id", "/data/authorizerOrgId", "/data/authorizationDate", "/data", "/secret"]
    {
        let mut body = event.body();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = CANARY.into();
        bodies.push(body);
    }
    for body in bodies {
        let bytes = body.to_string().into_bytes();
        watch.deliver("reports", &Delivery::sign(secret, bytes.clone())).await;
        watch.deliver("reports", &Delivery::unsigned(bytes)).await;
    }
    watch.deliver("reports", &Delivery::sign(secret, CANARY.as_bytes().to_vec())).await;
    let genuine = event.signed(secret);
    for header in ["X-Spark-Signature", "X-Webex-Signature", "Authorization", "X-More"] {
        watch.deliver("reports", &genuine.clone().with(header, CANARY)).await;
    }
    let wrong = Delivery::sign("a secret that is not the app's", genuine.body.clone());
    watch.deliver("reports", &wrong).await;
    let escaped: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    watch.post(&TestRequest::delivery(&escaped, &genuine)).await;
    watch.world.lambda.drain().await;
}
