//! One notice when something breaks, and one when it is well again.

use serde_json::json;
use simulator::secrets;

use super::{failing_org, incidents, notices, with_bus, words};
use crate::harness::DEVELOPER;
use crate::stories::{DAY, HOUR, kill_refresh_token};

/// The copies share the refresh token of one grant, which Webex lets them.
#[tokio::test]
async fn outage_of_webex_over_1000_grants_gives_two_notices() {
    let (world, reports) = with_bus().await;
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.sim.webex.configure(|settings| settings.token_limit = 100_000);
    let document = world.document(&reports, &org).unwrap();
    for n in 1..1000 {
        let subject = format!("00000000-0000-4000-8000-{n:012}");
        let mut copy = document.clone();
        copy["subject"] = subject.clone().into();
        world.put(&format!("grants/reports/{subject}"), &copy);
    }
    world.sweep().await;
    world.wait(DAY * 8);
    world.sim.webex.faults().outage(true);
    for _ in 0..5 {
        assert!(world.sweep().await["failing"].as_u64().unwrap() > 0);
        world.wait(HOUR);
    }
    world.sim.webex.faults().outage(false);
    for _ in 0..4 {
        world.sweep().await;
        world.wait(HOUR);
    }
    assert_eq!(world.sweep().await["failing"], 0);
    assert_eq!(incidents(&world), words(&[("webex.unavailable", "broke"), ("webex.unavailable", "well_again")]));
}

#[tokio::test]
async fn failure_of_one_org_and_its_recovery_give_two_notices() {
    let (world, reports) = with_bus().await;
    let org = failing_org(&world, &reports).await;
    for _ in 0..30 {
        world.sweep().await;
        world.wait(HOUR);
    }
    world.sim.webex.faults().clear();
    for _ in 0..3 {
        world.sweep().await;
        world.wait(HOUR);
    }
    assert_eq!(incidents(&world), words(&[("grant.failing", "broke"), ("grant.failing", "well_again")]));
    let told: Vec<_> = notices(&world).into_iter().filter(|notice| notice["kind"] == "grant.failing").collect();
    for notice in &told {
        assert_eq!(notice["grants"], json!([format!("reports/{org}")]), "{notice}");
        assert_eq!(notice["url"], format!("https://console.example/fleet/reports/{org}"));
    }
    let text = told[0]["text"].as_str().unwrap();
    assert!(text.contains(&org) && text.contains("not_confirmed") && text.contains("since 2026-11-29"), "{text}");
}

#[tokio::test]
async fn notice_is_repeated_if_the_state_is_not_saved_after_it() {
    let (world, reports) = with_bus().await;
    failing_org(&world, &reports).await;
    let refused = secrets::Fault::Error("AccessDeniedException");
    world.sim.secrets.faults().fail_all(secrets::Operation::UpdateSecret, refused);
    world.sweep().await;
    world.sim.secrets.faults().clear();
    world.sweep().await;
    world.sweep().await;
    assert_eq!(incidents(&world), words(&[("grant.failing", "broke"), ("grant.failing", "broke")]));
}

#[tokio::test]
async fn grants_that_fail_together_share_a_notice() {
    let (world, reports) = with_bus().await;
    let mut orgs = Vec::new();
    for n in 0..15 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.onboard(&reports, &org).await;
        orgs.push(org);
    }
    world.sweep().await;
    world.wait(DAY * 8);
    for org in &orgs {
        kill_refresh_token(&world, &reports, org);
        world.sim.webex.faults().lag(org, 1000);
    }
    world.sweep().await;
    let told: Vec<_> = notices(&world).into_iter().filter(|notice| notice["status"] == "broke").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["count"], told[0]["grants"].as_array().unwrap().len()), (&json!(15), 5));
    world.sweep().await;
    world.sim.webex.faults().clear();
    world.sweep().await;
    world.sweep().await;
    let well: Vec<_> = notices(&world).into_iter().filter(|notice| notice["status"] == "well_again").collect();
    assert_eq!((well.len(), incidents(&world).len()), (1, 2), "{well:?}");
}

#[tokio::test]
async fn wrong_client_secret_and_its_correction_give_two_notices() {
    let (world, reports) = with_bus().await;
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.sweep().await;
    world.describe(&reports, &json!({"client_secret": "mistyped"}));
    for _ in 0..3 {
        world.sweep().await;
    }
    world.describe(&reports, &json!({}));
    world.sweep().await;
    world.sweep().await;
    let kind = "app.credentials_refused";
    assert_eq!(incidents(&world), words(&[(kind, "broke"), (kind, "well_again")]));
}

#[tokio::test]
async fn org_that_withdraws_while_it_fails_is_not_well_again() {
    let (world, reports) = with_bus().await;
    let org = failing_org(&world, &reports).await;
    world.sweep().await;
    let withdrawn = world.sim.webex.deauthorize(&reports, &org);
    world.deliver_event(&reports, &withdrawn).await;
    world.sweep().await;
    assert_eq!(incidents(&world), words(&[("grant.failing", "broke")]));
}

#[tokio::test]
async fn app_whose_secret_is_gone_is_told_once() {
    let (world, reports) = with_bus().await;
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.sweep().await;
    world.sim.secrets.put_text("webex-token-broker/apps/reports", "{").unwrap();
    world.wait(DAY * 8);
    for _ in 0..3 {
        world.sweep().await;
    }
    world.describe(&reports, &json!({}));
    for _ in 0..2 {
        world.sweep().await;
    }
    let kind = "secrets.unreadable";
    assert_eq!(incidents(&world), words(&[(kind, "broke"), (kind, "well_again")]));
}

/// A personal access token lives for 12 hours, and nothing renews it.
#[tokio::test]
async fn minter_that_ends_is_well_again_when_it_is_replaced() {
    let (world, _) = with_bus().await;
    let token = world.sim.webex.personal_access_token(DEVELOPER);
    let import = json!({"import": {"app": "minter", "subject": "default", "access_token": token}});
    assert_eq!(world.ask(import).await["state"], "active");
    for _ in 0..3 {
        world.sweep().await;
        world.wait(HOUR * 7);
    }
    assert_eq!(incidents(&world), words(&[("minter.ending", "broke")]), "a minter that has ended is not well again");
    world.minter().await;
    for _ in 0..2 {
        world.sweep().await;
    }
    assert_eq!(incidents(&world), words(&[("minter.ending", "broke"), ("minter.ending", "well_again")]));
}
