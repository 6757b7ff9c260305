//! Requests with a secret where none belongs.

use serde_json::{Value, json};
use simulator::webex::Delivery;

use super::everyday::{ORG, Participants, path};
use super::leak_detector::LeakDetector;
use crate::harness::TestRequest;

/// A text that is no valid name, number, digest or id.
const CANARY: &str = "CANARY_In.A~Request-That/Is_NoName+AtAll=";

pub(super) async fn requests_with_misplaced_secrets(detector: &mut LeakDetector, participants: &Participants) {
    detector.canaries.add("a request's canary", CANARY);
    payloads(detector).await;
    calls(detector).await;
    deliveries(detector, participants).await;
}

const TAGS: [&str; 11] = [
    "make_link",
    "sweep",
    "reconcile",
    "fence",
    "renew",
    "restore",
    "import",
    "exchange",
    "device_start",
    "device_poll",
    "verify",
];

async fn payloads(detector: &mut LeakDetector) {
    let mut payloads = vec![json!(CANARY), json!([CANARY]), json!({CANARY: {}}), json!({"sweep": {}, CANARY: 1})];
    let values = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!({"more": {"deep": CANARY}})];
    for tag in TAGS {
        payloads.extend(values.iter().map(|body| json!({ tag: body })));
        for field in fields(tag) {
            payloads.extend(values.iter().map(|value| json!({ tag: command_with(field, value) })));
        }
    }
    for payload in payloads {
        detector.ask(payload).await;
    }
}

/// The fields of a command in which a secret is misplaced. A webhook URL is no secret: Webex receives it.
fn fields(tag: &str) -> &'static [&'static str] {
    match tag {
        "reconcile" => &["app", "subject", "authorized_at"],
        "sweep" => &["allow_retirements", "force"],
        "renew" => &["app", "subject", "if_sha256", "reason", "deadline"],
        "device_start" => &["app", "subject", "scope"],
        "device_poll" => &["app", "subject", "device_code"],
        "import" => &["app", "subject", "access_token", "refresh_token", "expires_in"],
        "exchange" => &["app", "subject", "code", "redirect_uri", "code_verifier", "show", "link"],
        "fence" | "restore" | "verify" | "make_link" => &["app", "subject"],
        _ => &[],
    }
}

/// The fields of every command with one of them replaced, about a grant that does not exist.
fn command_with(field: &str, value: &Value) -> Value {
    let mut body = json!({"app": "mobile", "subject": "nobody", "refresh_token": "no-such-refresh-token", "code": "no-such-code",
        "redirect_uri": "https://x.example", "code_verifier": "no-such-verifier", "device_code": "no-such-device-code", CANARY: "an unknown field"});
    body[field] = value.clone();
    body
}

async fn calls(detector: &mut LeakDetector) {
    let escaped: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    let list = "/v1/apps/reports/grants";
    let mut requests = vec![
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
        requests.push(TestRequest::post(&path("token/rejected"), &body));
        requests.push(TestRequest::post(&path("guests"), &body));
    }
    for request in requests {
        detector.call(&request).await;
    }
}

async fn deliveries(detector: &mut LeakDetector, participants: &Participants) {
    let secret = participants.app.secret.as_str();
    let event = detector.world.sim.webex.event(simulator::webex::Change::Authorized, &participants.app, ORG);
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
        detector.deliver("reports", &Delivery::sign(secret, bytes.clone())).await;
        detector.deliver("reports", &Delivery::unsigned(bytes)).await;
    }
    detector.deliver("reports", &Delivery::sign(secret, CANARY.as_bytes().to_vec())).await;
    let genuine = event.signed(secret);
    for header in ["X-Spark-Signature", "X-Webex-Signature", "Authorization", "X-More"] {
        detector.deliver("reports", &genuine.clone().with(header, CANARY)).await;
    }
    let wrong = Delivery::sign("a secret that is not the app's", genuine.body.clone());
    detector.deliver("reports", &wrong).await;
    let escaped: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    detector.post(&TestRequest::delivery(&escaped, &genuine)).await;
    detector.world.lambda.drain().await;
}
