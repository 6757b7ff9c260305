//! Section 8: data sources and their clock.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::webex::{DataSource, ids};

use crate::fixture::{Fixture, Reply};

const SCOPES: [&str; 2] = ["spark-admin:datasource_read", "spark-admin:datasource_write"];

/// An org that has authorised a Service App with data sources, and the app's token in it.
struct Byods {
    fixture: Fixture,
    org: String,
    token: String,
}

fn body(nonce: &str) -> Value {
    json!({"audience": "a", "nonce": nonce, "schemaId": "s", "subject": "calls", "tokenLifetimeMinutes": 60,
        "url": "https://data.example"})
}

impl Byods {
    async fn new(scopes: &[&str]) -> Self {
        let fixture = Fixture::new().await;
        let webex = &fixture.simulator.webex;
        let app = webex.register_service_app("ada", scopes);
        let org = webex.add_org("customer");
        webex.authorize(&app, &org);
        let mint =
            json!({"clientId": app.client_id, "clientSecret": app.client_secret, "targetOrgId": ids::org_id(&org)});
        let path = format!("/applications/{}/token", app.application_id);
        let token = fixture.post(&path, &fixture.owner.access_token, &mint).await.text_of("access_token").to_owned();
        Self { fixture, org, token }
    }

    async fn create(&self, body: &Value) -> Reply {
        self.fixture.post("/dataSources", &self.token, body).await
    }

    async fn put(&self, id: &str, body: &Value) -> Reply {
        let url = self.fixture.url(&format!("/dataSources/{id}"));
        self.fixture.send(self.fixture.http.put(url).bearer_auth(&self.token).json(body)).await
    }

    fn only(&self) -> DataSource {
        let found = self.fixture.simulator.webex.data_sources(&self.org);
        assert_eq!(found.len(), 1);
        found.into_iter().next().unwrap()
    }

    fn delivers_after(&self, minutes: i64) -> bool {
        let now = self.fixture.simulator.clock.now();
        self.only().delivers(now + SignedDuration::from_mins(minutes))
    }
}

#[tokio::test]
async fn data_source_delivers_until_its_jws_ends() {
    let byods = Byods::new(&SCOPES).await;
    let created = byods.create(&body("n1")).await;
    assert_eq!((created.status, created.text_of("status")), (200, "active"));
    assert!(byods.delivers_after(59) && !byods.delivers_after(61));
    byods.fixture.simulator.clock.advance(SignedDuration::from_mins(40));
    let mut renewal = body("n2");
    renewal["status"] = json!("active");
    let renewed = byods.put(created.text_of("id"), &renewal).await;
    assert_eq!(renewed.status, 200);
    assert_ne!(renewed.text_of("jwsToken"), created.text_of("jwsToken"));
    assert!(byods.delivers_after(59) && !byods.delivers_after(61));
}

#[tokio::test]
async fn renewal_needs_a_new_nonce_and_the_whole_body() {
    let byods = Byods::new(&SCOPES).await;
    let id = byods.create(&body("n1")).await.text_of("id").to_owned();
    let mut renewal = body("n1");
    renewal["status"] = json!("active");
    assert_eq!(byods.put(&id, &renewal).await.status, 400, "the nonce is the old one");
    assert_eq!(byods.put(&id, &json!({"nonce": "n2", "status": "active"})).await.status, 400);
    for (field, value) in
        [("tokenLifetimeMinutes", json!(1441)), ("tokenLifetimeMinutes", json!("60")), ("url", json!(""))]
    {
        let mut wrong = body("n3");
        wrong[field] = value;
        assert_eq!(byods.create(&wrong).await.status, 400, "{field}");
    }
}

#[tokio::test]
async fn disabled_data_source_stops_delivering_and_needs_a_message() {
    let byods = Byods::new(&SCOPES).await;
    let id = byods.create(&body("n1")).await.text_of("id").to_owned();
    let mut disabling = body("n2");
    disabling["status"] = json!("disabled");
    assert_eq!(byods.put(&id, &disabling).await.status, 400);
    disabling["errorMessage"] = json!("full");
    assert_eq!(byods.put(&id, &disabling).await.text_of("errorMessage"), "full");
    assert!(!byods.delivers_after(0));
}

#[tokio::test]
async fn data_source_needs_the_scopes_and_ends_with_the_authorisation() {
    let without = Byods::new(&["spark:people_read"]).await;
    assert_eq!(without.create(&body("n1")).await.status, 403);
    let byods = Byods::new(&SCOPES).await;
    byods.create(&body("n1")).await;
    let listed = byods.fixture.get("/dataSources", &byods.token).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    let app = byods.only().client_id;
    byods.fixture.simulator.webex.deauthorize(&app, &byods.org);
    assert!(byods.fixture.simulator.webex.data_sources(&byods.org).is_empty());
    assert_eq!(byods.fixture.get("/dataSources", &byods.token).await.status, 401);
}
