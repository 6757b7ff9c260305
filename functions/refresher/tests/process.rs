//! The refresher as a process of its own: crashes (`kill -9`) and failures to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Stdio;

use serde_json::{Value, json};
use simulator::lambda::{RuntimeApi, starts_while_upstreams_hang};
use simulator::secrets::Operation;
use simulator::webex::{Challenge, Endpoint, Rotation, ServiceAppCredentials};
use simulator::{Clock, Gate, Options, Point, Simulator};
use tokio::process::Child;

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_refresher");
const GRANT: &str = "webex-token-broker/grants/reports";

/// The simulator with a Service App, an organisation, and a minter whose grant is stored.
struct CrashFixture {
    sim: Simulator,
    app: ServiceAppCredentials,
    org: String,
}

impl CrashFixture {
    async fn new() -> Self {
        let sim = Simulator::start(Options::new(Clock::system())).await.unwrap();
        sim.webex.rotation(Rotation::Rotating);
        sim.webex.add_developer("ada");
        let app = sim.webex.register_service_app("ada", &["spark:people_read"]);
        let org = sim.webex.add_org("customer");
        let fixture = Self { sim, app, org };
        fixture.describe();
        fixture
    }

    fn describe(&self) {
        let app =
            json!({"kind": "service_app", "client_id": self.app.client_id, "client_secret": self.app.client_secret});
        self.put("apps/reports", &app);
        let scopes = ["spark:applications_token"];
        let minter = self.sim.webex.register_integration("ada", &scopes, "https://broker.example/callback");
        let described = json!({"kind": "integration", "client_id": minter.client_id,
            "client_secret": minter.client_secret, "redirect_uri": "https://broker.example/callback"});
        self.put("apps/minter", &described);
        let tokens = self.sim.webex.grant_integration(&minter.client_id, "ada").unwrap();
        let grant = json!({"version": 1, "app": "minter", "subject": "default", "state": "active",
            "access_token": tokens.access_token, "access_token_expires_at": "2099-01-01T00:00:00Z",
            "refresh_token": tokens.refresh_token, "renewed_at": self.sim.clock.now()});
        self.put("grants/minter/default", &grant);
    }

    fn put(&self, name: &str, document: &Value) {
        self.sim.secrets.put_json(&format!("webex-token-broker/{name}"), document).unwrap();
    }

    fn document(&self) -> Value {
        self.sim.secrets.current_json(&format!("{GRANT}/{}", self.org)).unwrap_or_default()
    }

    /// Changes the grant so that it is due.
    fn make_due(&self) {
        let mut document = self.document();
        document["renewed_at"] = "2020-01-01T00:00:00Z".into();
        self.put(&format!("grants/reports/{}", self.org), &document);
    }

    fn refresher(&self, runtime: &RuntimeApi) -> Child {
        let mut command = runtime.command(EXECUTABLE);
        command
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.sim.secrets.endpoint_url())
            .env("WEBEX_API_BASE", self.sim.webex.base_url())
            .stdout(Stdio::null());
        command.spawn().unwrap()
    }

    /// Starts a refresher with `payload`, kills it when it has reached `gate`, and opens the gate.
    async fn kill_at(&self, gate: Gate, payload: Value) {
        let runtime = RuntimeApi::start().await.unwrap();
        let mut refresher = self.refresher(&runtime);
        runtime.enqueue(payload);
        gate.wait_reached().await;
        refresher.kill().await.unwrap();
        drop(gate);
    }

    async fn invoke(&self, payload: Value) -> Value {
        let runtime = RuntimeApi::start().await.unwrap();
        let _refresher = self.refresher(&runtime);
        runtime.enqueue(payload);
        runtime.answer().await
    }

    async fn assert_sweep_heals(&self) {
        let report = self.invoke(json!({"sweep": {}})).await;
        assert_eq!(report["failures"], json!([]));
        let document = self.document();
        assert_eq!(document["state"], "active");
        assert!(self.sim.webex.is_alive(document["access_token"].as_str().unwrap()));
        assert!(self.sim.webex.is_refresh_alive(document["refresh_token"].as_str().unwrap()), "and it can be renewed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pair_survives_kill_9_between_refresh_and_store() {
    // At once: after each kill, the next sweep waits for the claim that was left behind.
    let mut kills = tokio::task::JoinSet::new();
    for point in [Point::BeforeEffect, Point::AfterEffect] {
        kills.spawn(heals_after_kill(move |fixture| fixture.sim.webex.faults().gate(Endpoint::Refresh, point)));
        for operation in [Operation::PutSecretValue, Operation::UpdateSecretVersionStage] {
            kills.spawn(heals_after_kill(move |fixture| fixture.sim.secrets.faults().gate(operation, point)));
        }
    }
    kills.join_all().await;
}

/// Kills the renewal of a due grant at the gate.
async fn heals_after_kill(gate: impl FnOnce(&CrashFixture) -> Gate) {
    let fixture = CrashFixture::new().await;
    fixture.sim.webex.authorize(&fixture.app, &fixture.org);
    let reconcile = json!({"reconcile": {"app": "reports", "subject": fixture.org}});
    assert_eq!(fixture.invoke(reconcile).await, json!({"state": "active"}));
    fixture.make_due();
    fixture.kill_at(gate(&fixture), json!({"sweep": {}})).await;
    fixture.assert_sweep_heals().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn onboarding_survives_kill_9_during_the_mint() {
    let fixture = CrashFixture::new().await;
    fixture.sim.webex.authorize(&fixture.app, &fixture.org);
    let reconcile = json!({"reconcile": {"app": "reports", "subject": fixture.org}});
    fixture.kill_at(fixture.sim.webex.faults().gate(Endpoint::Mint, Point::AfterEffect), reconcile).await;
    assert_eq!(fixture.document()["state"], "pending");
    fixture.assert_sweep_heals().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_works_again_after_kill_9_between_exchange_and_store() {
    let fixture = CrashFixture::new().await;
    let callback = "https://broker.example/callback";
    let app = fixture.sim.webex.register_integration("ada", &["spark:all"], callback);
    let described = json!({"kind": "integration", "client_id": app.client_id, "client_secret": app.client_secret,
        "redirect_uri": callback});
    fixture.put("apps/mobile", &described);
    let exchange = || {
        let verifier = "a-verifier-of-forty-three-characters-or-more-1";
        let challenge = Some(Challenge::s256(verifier));
        let code = fixture.sim.webex.authorization_code(&app, "ada", &["spark:all"], callback, challenge);
        json!({"exchange": {"app": "mobile", "subject": "ada", "code": code, "redirect_uri": callback,
            "code_verifier": verifier}})
    };
    let gate = fixture.sim.webex.faults().gate(Endpoint::Exchange, Point::AfterEffect);
    fixture.kill_at(gate, exchange()).await;
    assert_eq!(fixture.sim.secrets.current_json("webex-token-broker/grants/mobile/ada"), None);
    assert_eq!(fixture.invoke(exchange()).await["state"], "active");
}

#[tokio::test]
async fn function_starts_while_every_service_is_down() {
    starts_while_upstreams_hang(EXECUTABLE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_configuration_stops_the_start_and_is_named() {
    let runtime = RuntimeApi::start().await.unwrap();
    let mut command = runtime.command(EXECUTABLE);
    let output = command.env("RENEW_AT_FRACTION", "0.99").env("MINTER", "nobody").output().await.unwrap();
    assert!(!output.status.success());
    let log = String::from_utf8(output.stdout).unwrap();
    let line: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let message = line["message"].as_str().unwrap();
    for said in ["RENEW_AT_FRACTION", "0.99", "0.9", "MINTER", "nobody", "minter/default"] {
        assert!(message.contains(said), "{message}");
    }
}
