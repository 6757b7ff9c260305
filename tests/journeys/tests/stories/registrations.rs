//! Sweeps create, move, reactivate and remove the deployment's webhook registrations.

use jiff::SignedDuration;
use serde_json::json;
use simulator::webex::{Endpoint, Fault};

use super::{DAY, MINUTE};
use crate::harness::{Deployment, event, run};

#[tokio::test]
async fn sweep_registers_every_app_for_both_events_once() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://hooks.example")]).await;
    world.minter().await;
    let apps = [world.app("reports"), world.app("onboarding")];
    assert_eq!(world.sweep().await["webhooks_repaired"], 4);
    assert_eq!(world.sweep().await["webhooks_repaired"], 0);
    let registered = world.sim.webex.registered_webhooks();
    for app in &apps {
        for event in ["authorized", "deauthorized"] {
            let target = format!("https://hooks.example/webhooks/{}", app.name);
            let filter = format!("id={}", app.webex.application_id);
            let matching = registered.iter().filter(|webhook| {
                webhook.target_url == target && webhook.event == event && webhook.filter.as_deref() == Some(&filter)
            });
            assert_eq!(matching.count(), 1, "{} {event}", app.name);
        }
    }
}

#[tokio::test]
async fn sweep_moves_registrations_to_its_webhook_url() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://old.example")]).await;
    world.minter().await;
    world.app("reports");
    assert_eq!(world.sweep().await["webhooks_repaired"], 2);
    let report = world.ask(json!({"sweep": {"webhook_url": "https://new.example/"}})).await;
    assert_eq!(report["webhooks_repaired"], 2);
    let registered = world.sim.webex.registered_webhooks();
    assert!(registered.iter().all(|webhook| webhook.target_url == "https://new.example/webhooks/reports"));
    assert_eq!(registered.len(), 2);
}

#[tokio::test]
async fn sweep_registers_a_rotated_secret() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://hooks.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    world.sweep().await;
    world.put("webhooks/reports", &json!({"secrets": ["the next secret", reports.secret]}));
    world.sim.webex.journal().clear();
    assert_eq!(world.sweep().await["webhooks_repaired"], 2);
    assert_eq!(world.sim.webex.journal().count(Endpoint::UpdateWebhook), 2);
    assert_eq!(world.sweep().await["webhooks_repaired"], 0);
}

#[tokio::test]
async fn sweep_without_a_url_asks_for_no_registrations() {
    let world = Deployment::new().await;
    world.minter().await;
    world.app("reports");
    assert_eq!(world.sweep().await["webhooks_repaired"], 0);
    let listings = world.sim.webex.journal().count(Endpoint::ListWebhooks);
    assert_eq!(listings, 0, "without WEBHOOK_URL registrations are left alone");
}

#[tokio::test]
async fn sweep_reactivates_a_disabled_registration() {
    let world = Deployment::with(&[("WEBHOOK_URL", "http://127.0.0.1:9")]).await;
    world.minter().await;
    let reports = world.app("reports");
    world.sweep().await;
    for n in 0..50 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.sim.webex.authorize_and_deliver(&reports, &org).await;
        world.sim.webex.deauthorize_and_deliver(&reports, &org).await;
    }
    for n in 50..100 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.sim.webex.authorize_and_deliver(&reports, &org).await;
    }
    assert_eq!(active_registrations(&world), 1, "100 failed deliveries in 5 minutes disabled one");
    assert_eq!(world.sweep().await["webhooks_repaired"], 1);
    assert_eq!(active_registrations(&world), 2, "the sweep should have reactivated it");
    for n in 100..200 {
        let org = world.sim.webex.add_org(&format!("customer-{n}"));
        world.sim.webex.authorize_and_deliver(&reports, &org).await;
    }
    assert_eq!(
        world.sweep().await["webhooks_repaired"],
        0,
        "a registration is reactivated once in five minutes at most"
    );
    world.wait(MINUTE * 5);
    assert_eq!(world.sweep().await["webhooks_repaired"], 1);
}

fn active_registrations(world: &Deployment) -> usize {
    world.sim.webex.registered_webhooks().iter().filter(|webhook| webhook.active).count()
}

/// Registers a webhook with the minter's token, as another program of the developer would.
async fn register(world: &Deployment, name: &str, target: &str, application_id: &str) {
    let minter = world.sim.secrets.current_json("webex-token-broker/grants/minter/default").unwrap();
    let body = json!({"name": name, "targetUrl": target, "resource": "serviceApp", "event": "authorized",
        "filter": format!("id={application_id}"), "secret": "theirs"});
    let client = reqwest::Client::builder().build().unwrap();
    let request = client.post(format!("{}/webhooks", world.sim.webex.base_url())).json(&body);
    let answer = request.bearer_auth(minter["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn sweep_removes_its_duplicate_and_no_other_registration() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://hooks.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    let other = world.sim.webex.register_service_app("ada", &["spark:people_read"]);
    let theirs = "https://theirs.example/hook";
    register(&world, "their own for our app", theirs, &reports.webex.application_id).await;
    register(&world, "webex-token-broker of another app", theirs, &other.application_id).await;
    assert_eq!(world.sweep().await["webhooks_repaired"], 2);
    register(
        &world,
        "webex-token-broker spare",
        "https://hooks.example/webhooks/reports",
        &reports.webex.application_id,
    )
    .await;
    assert_eq!(world.sweep().await["webhooks_repaired"], 1);
    let registered = world.sim.webex.registered_webhooks();
    assert_eq!(registered.iter().filter(|webhook| webhook.target_url == theirs).count(), 2);
    assert_eq!(registered.len(), 4);
}

/// Two deployments share a Service App and a developer. Each has its own registrations.
#[tokio::test]
async fn sweep_leaves_another_deployments_registrations() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://hooks.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    assert_eq!(world.sweep().await["webhooks_repaired"], 2);
    let second = "https://second.example/webhooks/reports";
    register(&world, "webex-token-broker reports authorized", second, &reports.webex.application_id).await;
    assert_eq!(world.sweep().await["webhooks_repaired"], 0);
    let registered = world.sim.webex.registered_webhooks();
    assert_eq!(registered.iter().filter(|webhook| webhook.target_url == second).count(), 1);
}

#[tokio::test]
async fn failed_registration_is_reported_and_stops_no_other_app() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://hooks.example")]).await;
    world.minter().await;
    world.app("onboarding");
    world.app("reports");
    world.sim.webex.faults().fail_next(Endpoint::CreateWebhook, 1, Fault::NonJson(403));
    let report = world.sweep().await;
    assert_eq!(report["webhooks_repaired"], 2);
    let failure = &report["failures"][0];
    assert_eq!(failure["app"], "onboarding");
    assert_eq!((failure["subject"].as_str(), failure["code"].as_str()), (Some(""), Some("foreign_answer")));
    assert_eq!(world.sweep().await["webhooks_repaired"], 2, "the next sweep should create the missing ones");
}

#[tokio::test]
async fn registrations_come_after_renewals_and_only_in_time() {
    let world = Deployment::with(&[("WEBHOOK_URL", "https://hooks.example")]).await;
    world.minter().await;
    let reports = world.app("reports");
    let org = world.sim.webex.add_org("customer");
    world.onboard(&reports, &org).await;
    world.wait(DAY * 8);
    let journal = world.sim.webex.journal();
    journal.clear();
    let hurried = run(&world.refresher(), event("sweep"), SignedDuration::from_secs(5)).await.unwrap();
    assert_eq!((&hurried["deferred"], journal.count(Endpoint::ListWebhooks)), (&json!(1), 0), "{hurried}");
    assert_eq!(world.sweep().await["webhooks_repaired"], 2);
    let last = |endpoint| journal.of(endpoint).last().unwrap().number;
    assert!(last(Endpoint::Refresh) < last(Endpoint::ListWebhooks), "renewals should come first");
}
