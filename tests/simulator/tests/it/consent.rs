//! Section 4: sign in, grant, and back; and the device flow of section 3.

use jiff::SignedDuration;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use simulator::webex::{Challenge, Endpoint, Role};
use url::Url;

use crate::fixture::{Fixture, REDIRECT, Reply};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A browser: keeps cookies, and shows where it is sent.
struct Browser<'a> {
    fixture: &'a Fixture,
    http: Client,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn new(fixture: &'a Fixture) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { fixture, http, cookie: String::new() }
    }

    fn query(&self, scope: &str, more: &[(&str, &str)]) -> String {
        let Challenge::S256(challenge) = Challenge::s256(VERIFIER) else { panic!() };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.fixture.integration.client_id),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("state", "s&t"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        query.extend_pairs(more).finish()
    }

    async fn get(&self, query: &str) -> Response {
        let url = self.fixture.url(&format!("/authorize?{query}"));
        self.http.get(url).header("cookie", &self.cookie).send().await.unwrap()
    }

    async fn post(&self, page: &str, query: &str, form: &[(&str, &str)]) -> Response {
        let url = self.fixture.url(&format!("/authorize/{page}?{query}"));
        let request = self.http.post(url).header("cookie", &self.cookie);
        request.form(form).send().await.unwrap()
    }

    async fn sign_in(&mut self, query: &str, user: &str) -> Response {
        let response = self.post("sign-in", query, &[("user", user)]).await;
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        response
    }
}

fn back(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), 302);
    let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with(REDIRECT), "{url}");
    url.query_pairs().into_owned().collect()
}

fn of<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

const SCOPE: &str = "spark:applications_token application:webhooks_read";

#[tokio::test]
async fn consent_accepted_redirects_with_a_code_for_the_verifier() {
    let fixture = Fixture::new().await;
    let mut browser = Browser::new(&fixture);
    let query = browser.query(SCOPE, &[]);
    assert!(browser.get(&query).await.text().await.unwrap().contains("<h1>Sign in</h1>"));
    assert_eq!(browser.sign_in(&query, "nobody").await.status(), 200);
    assert_eq!(browser.sign_in(&query, "ada").await.status(), 303);
    assert!(browser.get(&query).await.text().await.unwrap().contains("application:webhooks_read"));
    let answer = back(&browser.post("decision", &query, &[("decision", "accept")]).await);
    assert_eq!(of(&answer, "state"), "s&t");
    let redeem = |verifier: &'static str| {
        let code = of(&answer, "code").to_owned();
        let fixture = &fixture;
        async move {
            let app = &fixture.integration;
            let fields = [
                ("grant_type", "authorization_code"),
                ("client_id", &app.client_id),
                ("client_secret", &app.client_secret),
                ("code", &code),
                ("redirect_uri", REDIRECT),
                ("code_verifier", verifier),
            ];
            fixture.form(&fields).await
        }
    };
    let pair = redeem(VERIFIER).await;
    assert_eq!((pair.status, pair.text_of("scope")), (200, SCOPE));
    assert_eq!(redeem(VERIFIER).await.status, 400);
    assert_eq!(fixture.simulator.webex.journal().count(Endpoint::Decide), 1);
}

#[tokio::test]
async fn authorize_refused_redirects_with_the_error_code() {
    let fixture = Fixture::new().await;
    let webex = &fixture.simulator.webex;
    webex.add_user("sam", Role::Standard);
    let admin = webex.register_integration("ada", &["spark-admin:people_read"], REDIRECT);
    let mut browser = Browser::new(&fixture);
    let query = browser.query(SCOPE, &[]);

    let unregistered = browser.query("spark:all", &[]);
    assert_eq!(of(&back(&browser.get(&unregistered).await), "error"), "invalid_scope");
    let silent = browser.query(SCOPE, &[("prompt", "none")]);
    assert_eq!(of(&back(&browser.get(&silent).await), "error"), "login_required");

    browser.sign_in(&query, "sam").await;
    let theirs = browser.query("spark-admin:people_read", &[]);
    let theirs = theirs.replace(&fixture.integration.client_id, &admin.client_id);
    let answer = back(&browser.get(&theirs).await);
    assert_eq!(of(&answer, "error"), "invalid_scope");
    assert_eq!(of(&answer, "error_description"), "No user entitled service in request scopes");
    assert!(of(&answer, "trackingid").starts_with("ROUTERGW_"));

    let declined = back(&browser.post("decision", &query, &[("decision", "decline")]).await);
    assert_eq!((of(&declined, "error"), of(&declined, "state")), ("access_denied", "s&t"));
    webex.configure(|settings| settings.consent_error = Some("server_error"));
    let failed = back(&browser.get(&query).await);
    assert_eq!(of(&failed, "error"), "server_error");
    assert!(of(&failed, "error_description").contains("Tracking ID: ROUTERGW_"));
}

#[tokio::test]
async fn prompt_login_asks_again_and_none_never_asks() {
    let fixture = Fixture::new().await;
    let mut browser = Browser::new(&fixture);
    browser.sign_in(&browser.query(SCOPE, &[]), "ada").await;
    let silent = browser.query(SCOPE, &[("prompt", "none")]);
    assert!(!of(&back(&browser.get(&silent).await), "code").is_empty());
    let again = browser.query(SCOPE, &[("prompt", "login")]);
    assert!(browser.get(&again).await.text().await.unwrap().contains("Sign in"));
    let on = browser.sign_in(&again, "ada").await;
    assert!(!on.headers()["location"].to_str().unwrap().contains("prompt"));
}

#[tokio::test]
async fn authorize_shows_client_errors_and_escapes_input() {
    let fixture = Fixture::new().await;
    let browser = Browser::new(&fixture);
    let query = browser.query(SCOPE, &[]);
    let elsewhere = query.replace("9000", "9001");
    assert_eq!(browser.get(&elsewhere).await.status(), 400);
    assert_eq!(browser.get(&query.replace("client_id=C", "client_id=D")).await.status(), 400);
    let page = browser.post("sign-in", &query, &[("user", "<b>\"'&")]).await.text().await.unwrap();
    assert!(page.contains("&lt;b&gt;&quot;&#39;&amp;"), "{page}");
}

async fn poll(fixture: &Fixture, code: &str) -> Reply {
    let app = &fixture.integration;
    let request = fixture.http.post(fixture.url("/device/token"));
    let request = request.basic_auth(&app.client_id, Some(&app.client_secret));
    fixture.send(request.form(&[("grant_type", DEVICE), ("device_code", code)])).await
}

#[tokio::test]
async fn device_flow_waits_for_the_user_then_returns_a_pair() {
    let fixture = Fixture::new().await;
    let clock = &fixture.simulator.clock;
    let webex = &fixture.simulator.webex;
    let begin = fixture.http.post(fixture.url("/device/authorize"));
    let fields = [("client_id", fixture.integration.client_id.as_str()), ("scope", SCOPE)];
    let started = fixture.send(begin.form(&fields)).await;
    assert_eq!((started.status, &started.body["interval"]), (200, &2.into()));
    let code = started.text_of("device_code");
    let user_code = started.text_of("user_code");
    assert!(started.text_of("verification_uri_complete").ends_with(user_code));

    assert_eq!(poll(&fixture, code).await.status, 428);
    let hasty = poll(&fixture, code).await;
    assert!(hasty.status == 400 && hasty.text.contains("slow_down"), "{}", hasty.text);
    clock.advance(SignedDuration::from_secs(7));
    assert_eq!(poll(&fixture, code).await.status, 428);
    webex.approve_device(user_code, "ada").unwrap();
    clock.advance(SignedDuration::from_secs(7));
    let pair = poll(&fixture, code).await;
    assert_eq!((pair.status, pair.text_of("scope")), (200, SCOPE));
    assert!(webex.is_alive(pair.text_of("access_token")));
    assert!(poll(&fixture, code).await.text.contains("invalid_grant"));
}

#[tokio::test]
async fn device_flow_declined_expired_or_unauthenticated_fails() {
    let fixture = Fixture::new().await;
    let begin = || async {
        let fields = [("client_id", fixture.integration.client_id.as_str()), ("scope", SCOPE)];
        fixture.send(fixture.http.post(fixture.url("/device/authorize")).form(&fields)).await
    };
    let started = begin().await;
    let page = fixture.http.post(fixture.url("/device"));
    let form = [("user_code", started.text_of("user_code")), ("user", "ada"), ("decision", "decline")];
    assert!(fixture.send(page.form(&form)).await.text.contains("Done."));
    assert_eq!(poll(&fixture, started.text_of("device_code")).await.status, 403);

    let started = begin().await;
    let form = [("grant_type", DEVICE), ("device_code", started.text_of("device_code"))];
    let bare = fixture.http.post(fixture.url("/device/token")).form(&form);
    assert_eq!(fixture.send(bare).await.status, 401);
    fixture.simulator.clock.advance(SignedDuration::from_mins(5));
    assert!(poll(&fixture, started.text_of("device_code")).await.text.contains("expired_token"));
    assert!(fixture.simulator.webex.approve_device(started.text_of("user_code"), "ada").is_err());
}
