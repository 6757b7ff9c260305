//! `wtb minter`.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};
use wtb::Exit;

use crate::fixtures::{self, page};
use crate::machine::wtb;
use crate::stand_in::{StandIn, refusal};

async fn started() -> StandIn {
    let stand_in = StandIn::start().await;
    stand_in.answers(
        "device_start",
        [json!({
            "device_code": "CANARY-device-code", "user_code": "WXYZ-1234",
            "verification_uri": "https://oauth.example/device",
            "verification_uri_complete": "https://oauth.example/device?code=WXYZ-1234",
            "expires_in": 600, "interval": 5,
        })],
    );
    stand_in
}

fn pending(slow_down: bool) -> Value {
    json!({ "state": "pending", "slow_down": slow_down })
}

fn granted() -> Value {
    json!({ "state": "active", "expires_at": "2026-12-10T12:00:00Z", "scope": "spark:applications_token" })
}

#[tokio::test]
async fn connect_polls_slower_after_slow_down() {
    let stand_in = started().await;
    stand_in.answers("device_poll", [pending(false), pending(true), pending(false), granted()]);
    let ran = wtb(&stand_in, "minter connect").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("connected", format!("{}{}", ran.notes, ran.out));
    let pauses: Vec<_> = stand_in.steps().into_iter().filter(|step| step.starts_with("pause")).collect();
    assert_eq!(pauses, ["pause 5", "pause 5", "pause 10", "pause 10"]);
    let expected = json!({ "app": "minter", "subject": "default", "device_code": "CANARY-device-code" });
    assert_eq!(stand_in.bodies("device_poll"), vec![expected; 4]);
}

#[tokio::test]
async fn connect_goes_on_after_a_passing_failure() {
    let stand_in = started().await;
    stand_in.answers("device_poll", [refusal("http_503", "Webex answered 503"), granted()]);
    let ran = wtb(&stand_in, "minter connect").await;
    assert_eq!(ran.exit, Exit::Ok);
    let pauses: Vec<_> = stand_in.steps().into_iter().filter(|step| step.starts_with("pause")).collect();
    assert_eq!(pauses, ["pause 5", "pause 10"]);
}

#[tokio::test]
async fn connect_prints_one_document_with_json() {
    let stand_in = started().await;
    stand_in.answers("device_poll", [granted()]);
    let ran = wtb(&stand_in, "minter connect --json --scope a --scope b").await;
    assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap(), granted());
    assert!(ran.notes.contains("WXYZ-1234"));
    assert_eq!(stand_in.bodies("device_start")[0]["scope"], "a b");
}

#[tokio::test]
async fn connect_ends_when_the_code_expires() {
    let stand_in = started().await;
    stand_in.answers("device_poll", [pending(false)]);
    let ran = wtb(&stand_in, "minter connect").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(
        ran.notes.ends_with(
            "error: nobody signed in before the code expired; nothing was changed\n  \
         what to do: wtb minter connect makes a new code\n"
        ),
        "{}",
        ran.notes
    );
    assert_eq!(stand_in.bodies("device_poll").len(), 119);
}

#[tokio::test]
async fn connect_says_that_the_person_declined() {
    let stand_in = started().await;
    let detail = "Webex refused the device code: access_denied (The user denied the request)";
    stand_in.answers("device_poll", [pending(false), refusal("access_denied", detail)]);
    let ran = wtb(&stand_in, "minter connect").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("error: the person declined; nothing was changed"), "{}", ran.notes);
}

#[tokio::test]
async fn connect_uses_the_minter_of_the_stack() {
    let stand_in = started().await;
    stand_in.set(|state| drop(state.parameters.insert("Minter".to_owned(), "broker/owner".to_owned())));
    stand_in.answers("device_poll", [granted()]);
    wtb(&stand_in, "minter connect").await;
    wtb(&stand_in, "minter connect --minter other/name").await;
    let expected = [json!({ "app": "broker", "subject": "owner" }), json!({ "app": "other", "subject": "name" })];
    assert_eq!(stand_in.bodies("device_start"), expected);
}

#[tokio::test]
async fn show_says_whether_the_minter_is_to_be_replaced() {
    let stand_in = StandIn::start().await;
    stand_in.answers("status", [page(&json!([]), &[fixtures::minter()])]);
    let ran = wtb(&stand_in, "minter show").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert_snapshot!("minter", ran.out);

    let mut personal = fixtures::minter();
    personal.as_object_mut().unwrap().remove("refresh_token_expires_at");
    stand_in.answers("status", [page(&json!([]), &[personal])]);
    let ran = wtb(&stand_in, "minter show --json").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_json_snapshot!("minter_ending", serde_json::from_str::<Value>(&ran.out).unwrap());

    stand_in.answers("status", [refusal("unknown_app", "there is no app minter")]);
    let ran = wtb(&stand_in, "minter show").await;
    assert_eq!(ran.exit, Exit::Attention);
    assert_snapshot!("no_minter", ran.out);
}
