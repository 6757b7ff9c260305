//! The JWS of a data source and its nonce: neither logged, nor answered, nor stored.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{DataSource, Endpoint, Fault};

use super::everyday::ORG;
use super::leak_detector::LeakDetector;

const HALF_A_LIFE: SignedDuration = SignedDuration::from_hours(13);

/// Adds what Webex has signed by now.
fn add_signed(detector: &mut LeakDetector) -> DataSource {
    let found = detector.world.sim.webex.data_sources(ORG);
    assert_eq!(found.len(), 1, "the org should have a data source");
    let found = found[0].clone();
    detector.canaries.add("a JWS", &found.jws);
    detector.canaries.add("a nonce", &found.nonce);
    found
}

/// Answers of `endpoint` that repeat the JWS.
fn echoes(jws: &str) -> Vec<Fault> {
    let envelope = json!({"message": format!("The token {jws} is invalid."), "errors": [{"description": jws}],
        "trackingId": jws});
    let object = json!({"jwsToken": jws, "id": {"jwsToken": jws}, "status": jws});
    let bodies =
        [(400, envelope.to_string()), (403, envelope.to_string()), (200, object.to_string()), (500, jws.to_owned())];
    bodies.map(|(code, body)| Fault::Status { code, body, retry_after: None }).into()
}

#[tokio::test]
async fn jws_and_nonce_leave_no_trace() {
    let mut detector = LeakDetector::new().await;
    detector.world.minter().await;
    let scopes = ["spark-admin:datasource_read", "spark-admin:datasource_write"];
    let app = detector.world.app_with_scopes("reports", &scopes);
    let described = json!({"url": "https://data.example", "schema_id": "schema", "audience": "a", "subject": "s"});
    detector.world.describe(&app, &json!({"data_sources": described}));
    detector.world.onboard(&app, ORG).await;
    detector.ask(json!({"sweep": {}})).await;
    for endpoint in [Endpoint::ListDataSources, Endpoint::UpdateDataSource] {
        for echo in echoes(&add_signed(&mut detector).jws) {
            detector.world.wait(HALF_A_LIFE);
            detector.world.sim.webex.faults().fail_next(endpoint, 9, echo);
            let report = detector.ask(json!({"sweep": {}})).await;
            assert_eq!(report["data_sources"]["failing"], 1, "{report}");
            detector.world.sim.webex.faults().clear();
            let status = json!({"status": {"app": "reports", "subject": ORG}});
            let shown = detector.ask(status).await;
            assert_eq!(shown["grants"][0]["data_sources"][0]["state"], "failing", "{shown}");
            detector.world.wait(SignedDuration::from_hours(1));
            detector.ask(json!({"data_sources": {"app": "reports", "subject": ORG}})).await;
            add_signed(&mut detector);
        }
    }
    let talkative =
        DataSource { disabled: Some(format!("bad {}", add_signed(&mut detector).jws)), ..add_signed(&mut detector) };
    detector.world.sim.webex.put_data_source(talkative);
    detector.world.wait(HALF_A_LIFE);
    assert_eq!(detector.ask(json!({"sweep": {}})).await["data_sources"]["disabled"], 1);
    detector.ask(json!({"status": {"app": "reports", "subject": ORG}})).await;
    let tags = detector.world.sim.secrets.tags(&format!("webex-token-broker/grants/reports/{ORG}"));
    detector.record(format!("{tags:?}"));
    let stored = detector.world.document(&app, ORG).unwrap();
    let (access_token, refresh_token) = (&stored["access_token"], &stored["refresh_token"]);
    detector.record(
        stored.to_string().replace(access_token.as_str().unwrap(), "").replace(refresh_token.as_str().unwrap(), ""),
    );
    let leaks = detector.leaks();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}
