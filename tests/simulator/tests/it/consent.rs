//! Section 4: sign in, grant, and back; and the device flow of section 3.

use jiff::SignedDuration;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use simulator::webex::{Challenge, Endpoint, Role};
use url::Url;

use crate::harness::{REDIRECT, Reply, Stage};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A browser: keeps cookies, and shows where it is sent.
struct Browser<'a> {
    stage: &'a Stage,
    http: Client,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn new(stage: &'a Stage) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { stage, http, cookie: String::new() }
    }

    fn query(&self, scope: &str, more: &[(&str, &str)]) -> String {
        let Challenge::S256(challenge) = Challenge::s256(VERIFIER) else { panic!() };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.stage.integration.client_id),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("state", "s&t"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        query.extend_pairs(more).finish()
    }

    async fn get(&self, query: &str) -> Response {
        let url = self.stage.url(&format!("/authorize?{query}"));
        self.http.get(url).header("cookie", &self.cookie).send().await.unwrap()
    }

    async fn post(&self, page: &str, query: &str, form: &[(&str, &str)]) -> Response {
        let url = self.stage.url(&format!("/authorize/{page}?{query}"));
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
async fn signing_in_and_accepting_gives_a_code_that_the_verifier_redeems() {
    let stage = Stage::set().await;
    let mut browser = Browser::new(&stage);
    let query = browser.query(SCOPE, &[]);
    assert!(browser.get(&query).await.text().await.unwrap().contains("<h1>Sign in</h1>"));
    assert_eq!(browser.sign_in(&query, "nobody").await.status(), 200);
    assert_eq!(browser.sign_in(&query, "ada").await.status(), 303);
    assert!(browser.get(&query).await.text().await.unwrap().contains("application:webhooks_read"));
    let answer = back(&browser.post("decision", &query, &[("decision", "accept")]).await);
    assert_eq!(of(&answer, "state"), "s&t");
    let redeem = |verifier: &'static str| {
        let code = of(&answer, "code").to_owned();
        let stage = &stage;
        async move {
            let app = &stage.integration;
            let fields = [
                ("grant_type", "authorization_code"),
                ("client_id", &app.client_id),
                ("client_secret", &app.client_secret),
                ("code", &code),
                ("redirect_uri", REDIRECT),
                ("code_verifier", verifier),
            ];
            stage.form(&fields).await
        }
    };
    let pair = redeem(VERIFIER).await;
    assert_eq!((pair.status, pair.text_of("scope")), (200, SCOPE));
    assert_eq!(redeem(VERIFIER).await.status, 400);
    assert_eq!(stage.simulator.webex.journal().count(Endpoint::Decide), 1);
}

#[tokio::test]
async fn each_no_comes_back_under_its_name() {
    let stage = Stage::set().await;
    let webex = &stage.simulator.webex;
    webex.add_user("sam", Role::Standard);
    let admin = webex.register_integration("ada", &["spark-admin:people_read"], REDIRECT);
    let mut browser = Browser::new(&stage);
    let query = browser.query(SCOPE, &[]);

    let unregistered = browser.query("spark:all", &[]);
    assert_eq!(of(&back(&browser.get(&unregistered).await), "error"), "invalid_scope");
    let silent = browser.query(SCOPE, &[("prompt", "none")]);
    assert_eq!(of(&back(&browser.get(&silent).await), "error"), "login_required");

    browser.sign_in(&query, "sam").await;
    let theirs = browser.query("spark-admin:people_read", &[]);
    let theirs = theirs.replace(&stage.integration.client_id, &admin.client_id);
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
async fn prompt_asks_again_or_not_at_all() {
    let stage = Stage::set().await;
    let mut browser = Browser::new(&stage);
    browser.sign_in(&browser.query(SCOPE, &[]), "ada").await;
    let silent = browser.query(SCOPE, &[("prompt", "none")]);
    assert!(!of(&back(&browser.get(&silent).await), "code").is_empty());
    let again = browser.query(SCOPE, &[("prompt", "login")]);
    assert!(browser.get(&again).await.text().await.unwrap().contains("Sign in"));
    let on = browser.sign_in(&again, "ada").await;
    assert!(!on.headers()["location"].to_str().unwrap().contains("prompt"));
}

#[tokio::test]
async fn a_wrong_redirect_uri_is_sent_nowhere_and_nothing_reflected_is_markup() {
    let stage = Stage::set().await;
    let browser = Browser::new(&stage);
    let query = browser.query(SCOPE, &[]);
    let elsewhere = query.replace("9000", "9001");
    assert_eq!(browser.get(&elsewhere).await.status(), 400);
    assert_eq!(browser.get(&query.replace("client_id=C", "client_id=D")).await.status(), 400);
    let page = browser.post("sign-in", &query, &[("user", "<b>\"'&")]).await.text().await.unwrap();
    assert!(page.contains("&lt;b&gt;&quot;&#39;&amp;"), "{page}");
}

async fn poll(stage: &Stage, code: &str) -> Reply {
    let app = &stage.integration;
    let request = stage.http.post(stage.url("/device/token"));
    let request = request.basic_auth(&app.client_id, Some(&app.client_secret));
    stage.send(request.form(&[("grant_type", DEVICE), ("device_code", code)])).await
}

#[tokio::test]
async fn a_device_waits_for_a_person() {
    let stage = Stage::set().await;
    let clock = &stage.simulator.clock;
    let webex = &stage.simulator.webex;
    let begin = stage.http.post(stage.url("/device/authorize"));
    let fields = [("client_id", stage.integration.client_id.as_str()), ("scope", SCOPE)];
    let started = stage.send(begin.form(&fields)).await;
    assert_eq!((started.status, &started.body["interval"]), (200, &2.into()));
    let code = started.text_of("device_code");
    let user_code = started.text_of("user_code");
    assert!(started.text_of("verification_uri_complete").ends_with(user_code));

    assert_eq!(poll(&stage, code).await.status, 428);
    let hasty = poll(&stage, code).await;
    assert!(hasty.status == 400 && hasty.text.contains("slow_down"), "{}", hasty.text);
    clock.advance(SignedDuration::from_secs(7));
    assert_eq!(poll(&stage, code).await.status, 428);
    webex.approve_device(user_code, "ada").unwrap();
    clock.advance(SignedDuration::from_secs(7));
    let pair = poll(&stage, code).await;
    assert_eq!((pair.status, pair.text_of("scope")), (200, SCOPE));
    assert!(webex.is_alive(pair.text_of("access_token")));
    assert!(poll(&stage, code).await.text.contains("invalid_grant"));
}

#[tokio::test]
async fn a_device_may_be_declined_may_be_late_and_must_show_its_secret() {
    let stage = Stage::set().await;
    let begin = || async {
        let fields = [("client_id", stage.integration.client_id.as_str()), ("scope", SCOPE)];
        stage.send(stage.http.post(stage.url("/device/authorize")).form(&fields)).await
    };
    let started = begin().await;
    let page = stage.http.post(stage.url("/device"));
    let form = [("user_code", started.text_of("user_code")), ("user", "ada"), ("decision", "decline")];
    assert!(stage.send(page.form(&form)).await.text.contains("Done."));
    assert_eq!(poll(&stage, started.text_of("device_code")).await.status, 403);

    let started = begin().await;
    let form = [("grant_type", DEVICE), ("device_code", started.text_of("device_code"))];
    let bare = stage.http.post(stage.url("/device/token")).form(&form);
    assert_eq!(stage.send(bare).await.status, 401);
    stage.simulator.clock.advance(SignedDuration::from_mins(5));
    assert!(poll(&stage, started.text_of("device_code")).await.text.contains("expired_token"));
    assert!(stage.simulator.webex.approve_device(started.text_of("user_code"), "ada").is_err());
}
