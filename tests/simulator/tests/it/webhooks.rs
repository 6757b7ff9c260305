//! Section 5: registration.

use serde_json::{Value, json};
use simulator::webex::ids;

use crate::fixture::{Fixture, Reply};

impl Fixture {
    pub(crate) fn hook(&self, name: &str, event: &str, target: &str) -> Value {
        json!({
            "name": name,
            "targetUrl": target,
            "resource": "serviceApp",
            "event": event,
            "filter": format!("id={}", self.app.application_id),
            "secret": "myBongoSecret",
        })
    }

    pub(crate) async fn register(&self, body: &Value) -> Reply {
        self.post("/webhooks", &self.owner.access_token, body).await
    }

    pub(crate) async fn put(&self, id: &str, body: &Value) -> Reply {
        let url = self.url(&format!("/webhooks/{id}"));
        let request = self.http.put(url).bearer_auth(&self.owner.access_token);
        self.send(request.json(body)).await
    }
}

#[tokio::test]
async fn webhook_created_is_returned_with_its_secret() {
    let fixture = Fixture::new().await;
    let body = fixture.hook("ours", "authorized", "https://example.com/webhooks/reports");
    let reply = fixture.register(&body).await;
    assert_eq!(reply.status, 200);
    for field in ["name", "targetUrl", "resource", "event", "filter", "secret"] {
        assert_eq!(reply.body[field], body[field], "{field}");
    }
    assert_eq!(reply.body["status"], "active");
    let developer = fixture.simulator.webex.add_developer("ada");
    assert_eq!(reply.body["orgId"], json!(ids::org_id(&developer.org)));
    assert_eq!(reply.body["appId"], json!(fixture.integration.application_id));
    let path = format!("/webhooks/{}", reply.text_of("id"));
    let got = fixture.get(&path, &fixture.owner.access_token).await;
    assert_eq!(got.body, reply.body);
}

#[tokio::test]
async fn webhook_needs_one_event_and_an_own_app() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    let foreign = webex.register_service_app("eve", &[]);
    let cases = [
        ("event", json!("all"), 400),
        ("filter", json!(null), 400),
        ("name", json!(null), 400),
        ("targetUrl", json!("ftp://example.com"), 400),
        ("filter", json!("id=Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0Mw"), 404),
        ("filter", json!(format!("id={}", foreign.application_id)), 403),
    ];
    for (field, value, status) in cases {
        let mut body = fixture.hook("ours", "authorized", "https://example.com/");
        body[field] = value;
        assert_eq!(fixture.register(&body).await.status, status, "{field}");
    }
    assert!(webex.registered_webhooks().is_empty());
}

#[tokio::test]
async fn webhooks_need_read_and_write_scopes() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    let reader = webex.register_integration("ada", &["application:webhooks_read"], "http://x/y");
    let reader = webex.grant_integration(&reader, "ada").unwrap();
    let body = fixture.hook("ours", "authorized", "https://example.com/");
    let reply = fixture.post("/webhooks", &reader.access_token, &body).await;
    assert_eq!(reply.status, 403);
    assert_eq!(fixture.get("/webhooks", &reader.access_token).await.status, 200);
    let personal = webex.personal_access_token("ada");
    assert_eq!(fixture.get("/webhooks", &personal).await.status, 403);
    assert_eq!(fixture.get("/webhooks", "dead").await.status, 401);
}

#[tokio::test]
async fn webhook_list_is_paged_by_link() {
    let fixture = Fixture::new().await;
    for number in 0..5 {
        let body = fixture.hook(&format!("hook {number}"), "authorized", "https://example.com/");
        fixture.register(&body).await;
    }
    let mut names = Vec::new();
    let mut url = Some(fixture.url("/webhooks?max=2"));
    while let Some(page) = url {
        let request = fixture.http.get(page).bearer_auth(&fixture.owner.access_token);
        let reply = fixture.send(request).await;
        let items = reply.body["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(items.iter().map(|hook| hook["name"].to_string()));
        url = reply.header("link").map(|link| {
            let (url, rest) = link.split_once('>').unwrap();
            assert_eq!(rest, r#"; rel="next""#);
            url.trim_start_matches('<').to_owned()
        });
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[tokio::test]
async fn webhook_update_keeps_event_resource_and_filter() {
    let fixture = Fixture::new().await;
    let body = fixture.hook("ours", "authorized", "https://example.com/");
    let id = fixture.register(&body).await.text_of("id").to_owned();
    let moved = json!({"name": "ours", "targetUrl": "https://example.org/", "secret": "next"});
    let reply = fixture.put(&id, &moved).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text_of("targetUrl"), "https://example.org/");
    assert_eq!(reply.text_of("secret"), "next");
    for (field, value) in [("event", "deauthorized"), ("resource", "rooms"), ("filter", "id=x")] {
        let mut changed = moved.clone();
        changed[field] = json!(value);
        assert_eq!(fixture.put(&id, &changed).await.status, 400, "{field}");
    }
    assert_eq!(fixture.put(&id, &json!({"status": "active"})).await.status, 400);
    assert_eq!(fixture.put("unknown", &moved).await.status, 404);
}

#[tokio::test]
async fn webhook_deleted_is_404() {
    let fixture = Fixture::new().await;
    let body = fixture.hook("ours", "deauthorized", "https://example.com/");
    let id = fixture.register(&body).await.text_of("id").to_owned();
    let url = fixture.url(&format!("/webhooks/{id}"));
    let delete = || fixture.http.delete(&url).bearer_auth(&fixture.owner.access_token);
    assert_eq!(fixture.send(delete()).await.status, 204);
    assert_eq!(fixture.send(delete()).await.status, 404);
}
