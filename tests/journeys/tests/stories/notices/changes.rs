//! An event for each change of a grant, and notices of those that people care about.

use serde_json::json;

use super::{notices, with_bus, word};
use crate::harness::Deployment;
use crate::stories::{DAY, SETTLED};

/// The kinds of change of `subject`, in order.
fn kinds(world: &Deployment, detail_type: &str, subject: &str) -> Vec<String> {
    let events = world.sim.events.of_type(detail_type).into_iter().map(|event| event.detail);
    events.filter(|detail| detail["subject"] == subject).map(|detail| word(&detail, "kind")).collect()
}

#[tokio::test]
async fn life_of_a_grant_is_told_in_events() {
    let (world, reports) = with_bus().await;
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    assert_eq!(world.sweep().await["renewed"], 2, "a plain renewal is no event");
    let withdrawn = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &withdrawn).await;
    world.wait(SETTLED);
    assert_eq!(world.sweep().await["retired"], 1);
    let expected = ["grant.authorized", "grant.activated", "grant.fenced", "grant.retired"];
    assert_eq!(kinds(&world, "Grant Changed", &org), expected);
    assert_eq!(kinds(&world, "Minter Changed", "default"), ["minter.activated"]);
    let told: Vec<String> = notices(&world).iter().map(|notice| word(notice, "kind")).collect();
    assert_eq!(told, ["minter.activated", "grant.activated", "grant.fenced", "grant.retired"]);
}

#[tokio::test]
async fn grants_that_a_sweep_finds_share_a_notice() {
    let (world, reports) = with_bus().await;
    let mut orgs = Vec::new();
    for n in 0..7 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.sim.webex.authorize(&reports, &org);
        orgs.push(org);
    }
    world.describe(&reports, &json!({"orgs": orgs}));
    assert_eq!(world.sweep().await["minted"], 7);
    let activated: Vec<_> = notices(&world).into_iter().filter(|notice| notice["kind"] == "grant.activated").collect();
    assert_eq!(activated.len(), 1, "{activated:?}");
    assert_eq!(activated[0]["count"], 7);
    assert!(activated[0]["text"].as_str().unwrap().contains("and 2 more"), "{}", activated[0]);
    assert_eq!(world.sim.events.of_type("Grant Changed").len(), 7);
}

#[tokio::test]
async fn operator_can_try_whether_notices_arrive() {
    let (world, _) = with_bus().await;
    let answer = world.ask(json!({"notify": {"text": "Hello \"space\""}})).await;
    assert_eq!(answer, json!({"sent": true}));
    let last = notices(&world).pop().unwrap();
    assert_eq!(
        (&last["status"], &last["text"]),
        (&json!("test"), &json!("Hello 'space' https://console.example/fleet"))
    );
    let without = Deployment::new().await;
    let answer = without.ask(json!({"notify": {}})).await;
    assert_eq!(answer["error"]["code"], "no_event_bus", "{answer}");
    assert_eq!(without.sim.events.journal().entries().len(), 0);
}
