//! The detector finds leaks that are there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::canaries::Canaries;
use super::leak_detector::LeakDetector;

#[tokio::test]
async fn detector_finds_a_logged_secret() {
    let mut detector = LeakDetector::new().await;
    let secret = "logged-on-purpose: \"with quotes\" and more than forty-eight characters";
    detector.canaries.add("a secret", secret);
    assert_eq!(detector.leaks(), [] as [&str; 0]);
    for target in ["vend", "webhook", "refresher", "broker_core", "secrets", "webex", "lambda_kit"] {
        match target {
            "vend" => tracing::trace!(target: "vend", "{secret}"),
            "webhook" => tracing::trace!(target: "webhook", secret),
            "refresher" => tracing::trace!(target: "refresher", "{:?}", json!({"a": secret})),
            "broker_core" => tracing::trace!(target: "broker_core", "{}", &secret[..30]),
            "secrets" => tracing::trace!(target: "secrets", "{}", STANDARD.encode(secret)),
            "webex" => tracing::trace!(target: "webex", secret = %secret),
            _ => tracing::error!(target: "lambda_kit", "panicked at {secret}"),
        }
    }
    assert!(detector.leaks().len() >= 3, "{:?}", detector.leaks());
}

#[tokio::test]
async fn detector_finds_a_secret_in_an_answer() {
    let mut detector = LeakDetector::new().await;
    detector.canaries.add("a secret", "answered-on-purpose/+");
    for answer in
        ["{\"detail\":\"answered-on-purpose/+\"}", "next=answered-on-purpose%2F%2B", "answered-on-purpose\\/+"]
    {
        let before = detector.leaks().len();
        detector.record(answer.to_owned());
        let found = detector.leaks().len() > before;
        assert_eq!(found, !answer.contains('\\'), "only the encodings of {answer:?} should be found");
    }
}

#[test]
fn canaries_find_every_encoding_and_nothing_else() {
    let mut canaries = Canaries::default();
    let secret = "pa/ss+wo rd\"of-more-than-forty-eight-characters-altogether";
    canaries.add("it", secret);
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    for text in [
        secret.to_owned(),
        json!({"a": secret}).to_string(),
        format!("x={form}&y"),
        form.replace('+', "%20"),
        STANDARD.encode(secret),
        format!("cut off: {}", &secret[..24]),
    ] {
        assert!(!canaries.found_in(&format!("a line\n{text}\nanother")).is_empty(), "{text}");
    }
    for text in ["", "pa/ss", "pa/ss+wo", "something else altogether"] {
        assert!(canaries.found_in(text).is_empty(), "{text}");
    }
}

#[tokio::test]
async fn detector_searches_for_stored_secrets() {
    let mut detector = LeakDetector::new().await;
    detector.world.minter().await;
    let app = detector.app("reports");
    let minter = detector.world.sim.secrets.current_json("webex-token-broker/grants/minter/default").unwrap();
    for secret in [
        app.secret.as_str(),
        &app.webex.client_secret,
        minter["access_token"].as_str().unwrap(),
        minter["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!detector.canaries.found_in(&format!("a line with {secret} in it")).is_empty());
    }
}
