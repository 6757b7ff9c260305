//! `wtb notify`.

use serde_json::json;
use wtb::Exit;

use crate::machine::wtb;
use crate::stand_in::{StandIn, refusal};

#[tokio::test]
async fn test_sends_a_notice_with_the_given_text() {
    let stand_in = StandIn::start().await;
    stand_in.answers("notify", [json!({"sent": true}), json!({"sent": true})]);
    let ran = wtb(&stand_in, "notify test Hello").await;
    assert_eq!(ran.exit, Exit::Ok);
    assert!(ran.out.starts_with("The event bus took the notice."), "{}", ran.out);
    wtb(&stand_in, "notify test").await;
    assert_eq!(stand_in.bodies("notify"), [json!({"text": "Hello"}), json!({})]);
}

#[tokio::test]
async fn test_fails_without_an_event_bus() {
    let stand_in = StandIn::start().await;
    stand_in
        .answers("notify", [refusal("no_event_bus", "EVENT_BUS is not set: set the parameter EventBus of the stack")]);
    let ran = wtb(&stand_in, "notify test").await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.notes.contains("EVENT_BUS is not set"), "{}", ran.notes);
}
