//! The search finds what is there: a test that cannot fail proves nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::canaries::Canaries;
use super::watch::Watch;

#[tokio::test]
async fn a_secret_that_is_logged_or_measured_is_found() {
    let mut watch = Watch::new().await;
    let secret = "logged-on-purpose: \"with quotes\" and more than forty-eight characters";
    watch.canaries.add("a secret", secret);
    assert_eq!(watch.spilt(), [] as [&str; 0]);
    for target in ["vend", "webhook", "refresher", "broker_core", "vault", "webex", "edge"] {
        match target {
            "vend" => tracing::trace!(target: "vend", "{secret}"),
            "webhook" => tracing::trace!(target: "webhook", secret),
            "refresher" => tracing::trace!(target: "refresher", "{:?}", json!({"a": secret})),
            "broker_core" => tracing::trace!(target: "broker_core", "{}", &secret[..30]),
            "vault" => tracing::trace!(target: "vault", "{}", STANDARD.encode(secret)),
            "webex" => tracing::trace!(target: "webex", secret = %secret),
            _ => tracing::error!(target: "edge", "panicked at {secret}"),
        }
    }
    assert!(watch.spilt().len() >= 3, "{:?}", watch.spilt());
}

#[tokio::test]
async fn a_secret_in_an_answer_is_found() {
    let mut watch = Watch::new().await;
    watch.canaries.add("a secret", "answered-on-purpose/+");
    for answer in
        ["{\"detail\":\"answered-on-purpose/+\"}", "next=answered-on-purpose%2F%2B", "answered-on-purpose\\/+"]
    {
        let before = watch.spilt().len();
        watch.saw(answer.to_owned());
        let found = watch.spilt().len() > before;
        assert_eq!(found, !answer.contains('\\'), "{answer}");
    }
}

#[test]
fn every_form_of_a_secret_is_found_and_other_texts_are_not() {
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
async fn the_stores_own_secrets_are_watched() {
    let mut watch = Watch::new().await;
    watch.world.minter().await;
    let app = watch.app("reports");
    let minter = watch.world.sim.secrets.current_json("webex-token-broker/grants/minter/default").unwrap();
    for secret in [
        app.secret.as_str(),
        &app.webex.client_secret,
        minter["access_token"].as_str().unwrap(),
        minter["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!watch.canaries.found_in(&format!("said {secret} aloud")).is_empty());
    }
}
