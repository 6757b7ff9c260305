//! The event bus fails.

use serde_json::json;
use simulator::events::{Fault, Operation};

use super::{failing_org, incidents, notices, with_bus, words};
use crate::harness::logged;

#[tokio::test]
async fn events_that_cannot_be_sent_fail_no_command_and_are_counted() {
    let (world, reports) = with_bus().await;
    failing_org(&world, &reports).await;
    world.sim.events.faults().fail_all(Operation::PutEvents, Fault::InternalError);
    let report = world.sweep().await;
    assert_eq!((&report["failing"], &report["renewed"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(incidents(&world), []);
    assert!(logged().contains("\"EventsNotSent\":"), "the metric should be recorded");
    world.sim.events.faults().clear();
    world.sweep().await;
    world.sweep().await;
    assert_eq!(incidents(&world), words(&[("grant.failing", "broke")]), "the next sweep tries again");
}

#[tokio::test]
async fn only_events_that_were_not_taken_are_sent_again() {
    let (world, reports) = with_bus().await;
    let org = world.sim.webex.add_org("customer");
    world.sim.events.faults().fail_next(Operation::PutEvents, 1, Fault::FailEntriesFrom(1));
    world.onboard(&reports, &org).await;
    let kinds: Vec<_> =
        world.sim.events.of_type("Grant Changed").into_iter().map(|event| event.detail["kind"].clone()).collect();
    assert_eq!(kinds, ["grant.authorized", "grant.activated"]);
    assert_eq!(notices(&world).iter().filter(|notice| notice["kind"] == "grant.activated").count(), 1);
}

#[tokio::test]
async fn bus_that_never_answers_is_asked_three_times() {
    let (world, reports) = with_bus().await;
    let org = world.sim.webex.add_org("customer");
    world.sim.events.faults().fail_all(Operation::PutEvents, Fault::HangForever);
    world.sim.events.journal().clear();
    world.onboard(&reports, &org).await;
    assert_eq!(world.sim.events.journal().entries().len(), 3);
    assert_eq!(world.state(&reports, &org), "active");
}
