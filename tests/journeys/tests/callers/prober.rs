//! The prober asks vend over HTTP: as an allowed caller, and as those who must be refused.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ::prober::{Prober, Settings};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use broker_core::clock::{Clock as _, Deadline};
use jiff::SignedDuration;
use lambda_kit::metrics::Metrics;
use serde_json::{Value, json};
use simulator::webex::{Endpoint, Fault, ForeignBody};
use tokio::net::TcpListener;

use super::{ORG, http_server, sigv4};
use crate::harness::{Deployment, ManualClock, logged};

/// Permits one role to vend, as an operator who deploys the prober writes it.
const ONE_ROLE: &str =
    r#"permit (principal == AwsRole::"arn:aws:iam::123456789012:role/reporting", action, resource);"#;
/// Permits every role of the account, also the stranger.
const EVERY_ROLE: &str = "permit (principal, action, resource) when { context.own_account };";
const STRANGER_ROLE: &str = "arn:aws:iam::123456789012:role/stranger";

/// What one run answered, and the metrics that it recorded.
struct Probed {
    answer: Value,
    metrics: Value,
}

#[derive(Clone, Default)]
struct MetricBuffer(Arc<Mutex<Vec<u8>>>);

impl Write for MetricBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A deployment with a live grant and this configuration of vend.
async fn deployment(variables: &[(&str, &str)]) -> Arc<Deployment> {
    let world = Deployment::with(variables).await;
    world.minter().await;
    let app = world.app("reports");
    world.onboard(&app, ORG).await;
    Arc::new(world)
}

/// A deployment whose vend decides by `policy`.
async fn with_policy(name: &str, policy: &str) -> Arc<Deployment> {
    let file = std::env::temp_dir().join(format!("prober-{name}-{}.cedar", std::process::id()));
    std::fs::write(&file, policy).unwrap();
    let world = deployment(&[("CALLER_POLICY", file.to_str().unwrap())]).await;
    std::fs::remove_file(&file).unwrap();
    world
}

fn token_of(world: &Deployment) -> String {
    let document = world.sim.secrets.current_json(&format!("webex-token-broker/grants/reports/{ORG}")).unwrap();
    document["access_token"].as_str().unwrap().to_owned()
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// STS, where the prober's role may assume the stranger's.
async fn security_token_service() -> String {
    let answer = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
         <AssumedRoleId>AROA:prober</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/stranger/prober</Arn>\
         </AssumedRoleUser><Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>session</SessionToken><Expiration>2036-11-21T13:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>",
        sigv4::STRANGER_KEY,
        sigv4::SECRET_KEY
    );
    serve(Router::new().fallback(any(async move || ([("content-type", "text/xml")], answer)))).await
}

/// Runs the prober once against vend at `vend`.
async fn probe_at(world: &Deployment, vend: &str, variables: &[(&str, &str)]) -> Probed {
    let base = world.sim.webex.base_url();
    let grant = format!("reports/{ORG}");
    let mut environment = vec![("VEND_URL", vend), ("WEBEX_API_BASE", &base), ("PROBE_GRANT", &grant)];
    environment.extend(variables);
    let lookup = |name: &str| Some(environment.iter().find(|(known, _)| *known == name)?.1.to_owned());
    let credentials =
        aws_sdk_secretsmanager::config::Credentials::new(sigv4::ACCESS_KEY, sigv4::SECRET_KEY, None, None, "test");
    let provider = aws_sdk_secretsmanager::config::SharedCredentialsProvider::new(credentials);
    let sdk = world.sdk().clone().into_builder().credentials_provider(provider);
    let sdk = sdk.endpoint_url(security_token_service().await).build();
    let lines = MetricBuffer::default();
    let metrics = Metrics::to(lines.clone());
    let prober: Prober<ManualClock> =
        Prober::new(Settings::read(&lookup).unwrap(), &sdk, world.clock.clone(), metrics).unwrap();
    let deadline = Deadline::at(world.clock.now() + SignedDuration::from_secs(90));
    let answer = prober.answer(&json!({"source": "aws.scheduler"}), deadline).await.unwrap();
    assert!(prober.answer(&json!({"grant": "reports"}), deadline).await.is_err(), "a grant without a subject");
    let recorded = lines.0.lock().unwrap().clone();
    let mut metrics: Value = serde_json::from_slice(&recorded).unwrap_or_default();
    if let Some(line) = metrics.as_object_mut() {
        line.remove("_aws");
    }
    Probed { answer, metrics }
}

async fn probe(world: &Arc<Deployment>, variables: &[(&str, &str)]) -> Probed {
    let vend = http_server::start(Arc::clone(world)).await;
    probe_at(world, &vend, variables).await
}

fn counts(no_token: u8, dead: u8, webex: u8, given: u8) -> Value {
    json!({"app": "reports", "ProbeNoToken": no_token, "ProbeTokenDead": dead, "ProbeWebexFailed": webex,
        "ProbeNotRefused": given})
}

const STRANGER: (&str, &str) = ("PROBE_STRANGER_ROLE", STRANGER_ROLE);

#[tokio::test]
async fn probe_gets_a_live_token_and_three_refusals() {
    let world = with_policy("good", ONE_ROLE).await;
    let probed = probe(&world, &[STRANGER]).await;
    assert_eq!(probed.answer["token"], "alive");
    let refusals = json!({"minter": "refused", "unsigned": "refused", "stranger": "refused"});
    assert_eq!(probed.answer["refusals"], refusals);
    assert_eq!(probed.metrics, counts(0, 0, 0, 0));
    assert!(!probed.answer.to_string().contains(&token_of(&world)), "the token is answered");
    assert!(!logged().contains(&token_of(&world)), "the token is logged");
}

#[tokio::test]
async fn probe_asks_each_question_once() {
    let world = deployment(&[]).await;
    let asked = world.sim.webex.journal().total();
    for run in 1..=3 {
        let probed = probe(&world, &[]).await;
        assert_eq!(probed.answer["refusals"], json!({"minter": "refused", "unsigned": "refused"}));
        assert_eq!(world.sim.webex.journal().total(), asked + run, "a run asks Webex once, and answers from no memory");
    }
}

#[tokio::test]
async fn token_that_webex_refuses_is_dead() {
    let world = deployment(&[]).await;
    assert!(world.sim.webex.kill(&token_of(&world)));
    let probed = probe(&world, &[]).await;
    assert_eq!(probed.answer["token"], "dead");
    assert_eq!(probed.metrics, counts(0, 1, 0, 0));
}

#[tokio::test]
async fn failure_of_webex_is_not_one_of_vend() {
    let world = deployment(&[]).await;
    let no_tracking_id = ForeignBody::Json(r#"{"message":"The request requires a valid access token.","errors":[]}"#);
    let foreign = [ForeignBody::Html, no_tracking_id].map(|body| Fault::foreign(401, body));
    for fault in foreign.into_iter().chain([Fault::cdn_block(), Fault::NonJson(200)]) {
        world.sim.webex.faults().fail_next(Endpoint::TokenExpiry, 1, fault.clone());
        let probed = probe(&world, &[]).await;
        assert_eq!(probed.answer["token"], "webex_failed", "{fault:?}");
        assert_eq!(probed.metrics, counts(0, 0, 1, 0), "{fault:?}");
    }
    world.sim.webex.faults().outage(true);
    let probed = probe(&world, &[]).await;
    assert_eq!(probed.answer["token"], "webex_failed");
    assert_eq!(probed.metrics, counts(0, 0, 1, 0));
}

#[tokio::test]
async fn vend_that_does_not_answer_gives_no_token() {
    let world = deployment(&[]).await;
    let asked = world.sim.webex.journal().total();
    let probed = probe_at(&world, "http://127.0.0.1:9", &[]).await;
    assert_eq!(probed.answer["token"], "no_token");
    assert_eq!(probed.answer["refusals"], json!({"minter": "unknown", "unsigned": "unknown"}));
    let expected = json!({"app": "reports", "ProbeNoToken": 1, "ProbeTokenDead": 0, "ProbeWebexFailed": 0});
    assert_eq!(
        probed.metrics, expected,
        "a refusal that is not known is not recorded, which fires an alarm of its own"
    );
    assert_eq!(world.sim.webex.journal().total(), asked, "Webex is asked about no token");
}

#[tokio::test]
async fn grant_that_vend_refuses_gives_no_token() {
    let world = with_policy("nobody", "forbid (principal, action, resource);").await;
    let probed = probe(&world, &[STRANGER]).await;
    assert_eq!(probed.answer["token"], "no_token");
    assert_eq!(probed.metrics, counts(1, 0, 0, 0));
}

#[tokio::test]
async fn page_of_a_proxy_is_neither_token_nor_refusal() {
    let world = deployment(&[]).await;
    for status in [StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::BAD_GATEWAY] {
        let page = move || async move { (status, "<html>Sign in to the network</html>") };
        let proxy = serve(Router::new().fallback(any(page))).await;
        let probed = probe_at(&world, &proxy, &[STRANGER]).await;
        assert_eq!(probed.answer["token"], "no_token", "{status}");
        for case in ["minter", "stranger"] {
            assert_eq!(probed.answer["refusals"][case], "unknown", "{case}, {status}");
        }
        assert!(probed.metrics.get("ProbeNotRefused").is_none(), "{status}");
    }
}

#[tokio::test]
async fn policy_that_permits_the_stranger_is_a_breach() {
    let world = with_policy("wide", EVERY_ROLE).await;
    let probed = probe(&world, &[STRANGER]).await;
    assert_eq!(probed.answer["refusals"]["stranger"], "not_refused");
    assert_eq!(probed.metrics, counts(0, 0, 0, 1));
    assert!(logged().contains("vend gave a token to a role that the caller policy must not permit"));
    assert!(!logged().contains(&token_of(&world)), "the token is logged");
}

#[tokio::test]
async fn address_without_signatures_is_a_breach() {
    let world = deployment(&[("CALLERS", "open")]).await;
    let probed = probe(&world, &[]).await;
    assert_eq!(probed.answer["refusals"], json!({"minter": "refused", "unsigned": "not_refused"}));
    assert_eq!(probed.metrics, counts(0, 0, 0, 1));
    let local = probe(&world, &[("CALLERS", "open")]).await;
    assert_eq!(local.answer["refusals"], json!({"minter": "refused"}), "a local run lets everybody in");
    assert_eq!(local.metrics, counts(0, 0, 0, 0));
}

#[tokio::test]
async fn minter_token_in_the_answer_is_a_breach() {
    let body = json!({"access_token": "CANARY-minter", "token_type": "Bearer", "expires_in": 1000}).to_string();
    let broken = serve(Router::new().fallback(any(async move || body))).await;
    let world = deployment(&[]).await;
    let probed = probe_at(&world, &broken, &[]).await;
    assert_eq!(probed.answer["refusals"], json!({"minter": "not_refused", "unsigned": "not_refused"}));
    assert_eq!(probed.metrics["ProbeNotRefused"], 2);
    assert_eq!(probed.metrics["ProbeTokenDead"], 1, "Webex does not know that token");
    assert!(!logged().contains("CANARY-minter"), "the token is logged");
}
