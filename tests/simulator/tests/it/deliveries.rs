//! Section 5: signatures, bodies and deliveries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{Change, Delivery, ids};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::fixture::Fixture;

/// Something that listens at a webhook's target.
struct Target {
    url: String,
    status: Arc<AtomicU16>,
    received: UnboundedReceiver<(HeaderMap, Bytes)>,
}

impl Target {
    async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/reports", listener.local_addr().unwrap());
        let status = Arc::new(AtomicU16::new(202));
        let (sender, received) = unbounded_channel();
        let answer = Arc::clone(&status);
        let app = Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
            sender.send((headers, body)).unwrap();
            StatusCode::from_u16(answer.load(Ordering::Relaxed)).unwrap()
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, status, received }
    }
}

#[test]
fn delivery_signatures_match_the_published_vectors() {
    let delivery = Delivery::sign("myBongoSecret", br#"{"a":1,"b":2,"c":{"d":3}}"#.to_vec());
    let signature = delivery.header("x-spark-signature").unwrap();
    assert_eq!(signature, "01e0cb6a53731b9615b483335d77d97023410c72");

    let body = r#"{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh","resource":"serviceApp","event":"authorized"}"#;
    let secret = "somesupersecretphrase";
    let delivery = Delivery::sign(secret, body.into()).with_webex_signature(secret);
    let sha1 = delivery.header("X-Spark-Signature").unwrap();
    assert_eq!(sha1, "663e0b860b83352a2ecdc347e52d98296bc18582");
    let both = delivery.header("X-Webex-Signature").unwrap();
    let sha256 = "SHA-256=5f0a226c4c5d56d5d7ab71ebeea1468154e5dcbade28b7455f72be544586cfb3, SHA-512=";
    assert!(both.starts_with(sha256), "{both}");
    assert_eq!(both.len(), sha256.len() + 128);
}

#[tokio::test]
async fn delivery_has_both_the_customer_and_the_developer_org() {
    let fixture = Fixture::new().await;
    let mut target = Target::listen().await;
    let hook = fixture.hook("ours", "authorized", &target.url);
    let registered = fixture.register(&hook).await;
    let delivered = fixture.simulator.webex.authorize_and_deliver(&fixture.app, &fixture.org).await;
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].status, Some(202));
    let (headers, body) = target.received.recv().await.unwrap();
    let resigned = Delivery::sign("myBongoSecret", body.to_vec());
    assert_eq!(headers["x-spark-signature"], resigned.header("X-Spark-Signature").unwrap());
    assert!(!headers.contains_key("x-webex-signature"));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["id"], registered.body["id"], "the webhook's id, not the delivery's");
    assert_eq!(body["orgId"], registered.body["orgId"], "the developer's org");
    assert_eq!(body["appId"], json!(fixture.integration.application_id));
    assert_eq!(body["data"]["authorizerOrgId"], json!(ids::org_id(&fixture.org)));
    assert_eq!(body["data"]["id"], json!(fixture.app.application_id));
    assert_eq!(body["data"]["authorizationDate"], "2026-01-15T12:00:00Z");
    assert_eq!(body["ownedBy"], "creator");
    assert!(body.get("secret").is_none());
}

#[tokio::test]
async fn deauthorized_event_has_the_original_date() {
    let fixture = Fixture::authorized().await;
    fixture.simulator.clock.advance(SignedDuration::from_hours(5));
    let event = fixture.simulator.webex.deauthorize(&fixture.app, &fixture.org);
    assert_eq!(event.change, Change::Deauthorized);
    assert_eq!(event.body()["data"]["authorizationDate"], "2026-01-15T12:00:00Z");
    fixture.simulator.clock.advance(SignedDuration::from_hours(1));
    let again = fixture.simulator.webex.authorize(&fixture.app, &fixture.org);
    assert_eq!(again.body()["data"]["authorizationDate"], "2026-01-15T18:00:00Z");
}

#[tokio::test]
async fn event_can_be_forged_and_posted_without_registration() {
    let fixture = Fixture::new().await;
    let mut target = Target::listen().await;
    let webex = &fixture.simulator.webex;
    let rumour = webex.event(Change::Authorized, &fixture.app, &fixture.org);
    assert!(!webex.is_authorized(&fixture.app, &fixture.org));
    let delivery = rumour.signed("any secret");
    assert_eq!(delivery.post(&target.url).await.unwrap(), 202);
    let (headers, body) = target.received.recv().await.unwrap();
    assert_eq!(body, delivery.body);
    assert_eq!(headers["x-spark-signature"].len(), 40);
}

#[tokio::test]
async fn deliver_posts_to_matching_active_webhooks_only() {
    let fixture = Fixture::new().await;
    let target = Target::listen().await;
    let webex = &fixture.simulator.webex;
    fixture.register(&fixture.hook("ours", "authorized", &target.url)).await;
    let other = webex.register_service_app("ada", &[]);
    assert_eq!(webex.authorize_and_deliver(&other, &fixture.org).await, []);
    assert_eq!(webex.deauthorize_and_deliver(&fixture.app, &fixture.org).await, []);
    assert_eq!(webex.authorize_and_deliver(&fixture.app, &fixture.org).await.len(), 1);
    webex.delete_user("ada");
    let event = webex.event(Change::Authorized, &fixture.app, &fixture.org);
    assert_eq!(webex.deliver(&event).await, [], "the creating user is deleted");
}

#[tokio::test]
async fn webhook_with_100_failures_in_5_minutes_is_disabled() {
    let fixture = Fixture::new().await;
    let target = Target::listen().await;
    let webex = &fixture.simulator.webex;
    let hook = fixture.hook("ours", "authorized", &target.url);
    let id = fixture.register(&hook).await.text_of("id").to_owned();
    let event = webex.authorize(&fixture.app, &fixture.org);
    let active = || webex.registered_webhooks()[0].active;
    target.status.store(503, Ordering::Relaxed);
    for _ in 0..99 {
        webex.deliver(&event).await;
    }
    fixture.simulator.clock.advance(SignedDuration::from_mins(5));
    webex.deliver(&event).await;
    assert!(active(), "the first 99 are too old to count");
    for _ in 0..99 {
        webex.deliver(&event).await;
    }
    assert!(!active());
    assert_eq!(webex.deliver(&event).await, []);
    let enable = json!({"name": "ours", "targetUrl": target.url, "status": "active"});
    assert_eq!(fixture.put(&id, &enable).await.status, 200);
    assert!(active());
    webex.deliver(&event).await;
    assert!(!active(), "re-enabled within 5 minutes, the first failure disables it again");
}
