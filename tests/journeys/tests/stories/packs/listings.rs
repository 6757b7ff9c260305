//! Lists of grants of which some lie in packs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::onboard_orgs;
use super::{fence, is_set_aside, packed_orgs};
use crate::harness::{App, Deployment};

/// The subjects and states that vend lists, page by page.
async fn listed(world: &Deployment, app: &App) -> BTreeMap<String, String> {
    let mut listed = BTreeMap::new();
    let mut next = String::new();
    loop {
        let page = world.call("GET", &format!("/v1/apps/{}/grants{next}", app.name), None).await;
        assert_eq!(page.status, 200, "{}", page.text);
        add(&mut listed, &page.json()["grants"]);
        let Some(token) = page.json()["next"].as_str().map(str::to_owned) else { return listed };
        next = format!("?next={token}");
    }
}

/// The subjects and states that `status` shows, page by page.
async fn shown(world: &Deployment, app: &App) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    let mut next = Value::Null;
    loop {
        let page = world.ask(json!({"status": {"app": app.name, "next": next}})).await;
        add(&mut shown, &page["grants"]);
        next = page["next"].clone();
        if next.is_null() {
            return shown;
        }
    }
}

fn add(grants: &mut BTreeMap<String, String>, page: &Value) {
    for grant in page.as_array().unwrap() {
        let subject = grant["subject"].as_str().unwrap().to_owned();
        let state = grant["state"].as_str().unwrap().to_owned();
        assert_eq!(grants.insert(subject.clone(), state), None, "{subject} is listed twice");
    }
}

#[tokio::test]
async fn lists_show_each_grant_once_wherever_it_lies() {
    let (world, reports, orgs) = packed_orgs(50).await;
    let new = onboard_orgs(&world, &reports, 3).await;
    assert_eq!(world.ask(fence(&orgs[0])).await["state"], "fenced");
    world.sim.webex.deauthorize(&reports, &orgs[1]);
    let removed = world.ask(json!({"remove": {"app": "reports", "subject": orgs[1]}})).await;
    assert_eq!(removed["state"], "revoked", "{removed}");
    assert!(!is_set_aside(&world, &orgs[0]) && is_set_aside(&world, &orgs[1]));
    let mut expected: BTreeMap<String, String> =
        orgs.iter().chain(&new).map(|org| (org.clone(), "active".to_owned())).collect();
    expected.insert(orgs[0].clone(), "fenced".to_owned());
    expected.insert(orgs[1].clone(), "revoked".to_owned());
    assert_eq!(shown(&world, &reports).await, expected);
    expected.remove(&orgs[1]);
    assert_eq!(listed(&world, &reports).await, expected);
}

#[tokio::test]
async fn forged_places_among_packs_are_refused() {
    let (world, _, _) = packed_orgs(4).await;
    for place in ["p.", "p.zz", "p.ffffffff", "p.0.nobody", "o", "x.1"] {
        let page = world.ask(json!({"status": {"app": "reports", "next": format!("reports/{place}")}})).await;
        assert!(page["error"].is_object() || page["error"].is_string(), "{place}: {page}");
    }
}
