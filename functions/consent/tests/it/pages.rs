//! What the pages carry, and how long a scope string may be.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::{CALLBACK, KEY, TestBrowser, TestDeployment};

const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

#[tokio::test]
async fn pages_carry_security_headers_and_nothing_inline() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let places = [
        "/",
        "/review?app=minter",
        "/review?app=admins",
        "/start?app=minter",
        "/callback",
        "/nothing",
        "/fleet",
        "/fleet/reports/default",
        "/apps",
        "/minter",
        "/assets/x",
        "/key",
    ];
    for place in places {
        for browser in [&mut operator, &mut TestBrowser::new()] {
            let page = browser.get(&deployment, place).await;
            for (name, value) in HEADERS {
                assert_eq!(page.header(name), value, "{place}");
            }
            for inline in ["<style", " style=", "<script>", " onclick", "javascript:", "http://"] {
                assert!(!page.text.contains(inline), "{place} has {inline}");
            }
        }
    }
}

#[tokio::test]
async fn assets_are_public_and_immutable() {
    let deployment = TestDeployment::new().await;
    for (name, kind) in [("consent.css", "text/css"), ("consent.js", "text/javascript"), ("mark.svg", "image/svg+xml")]
    {
        let asset = TestBrowser::new().get(&deployment, &format!("/assets/{name}")).await;
        assert_eq!(asset.status, 200);
        assert!(asset.header("content-type").starts_with(kind));
        assert!(asset.header("cache-control").contains("immutable"));
        assert!(!asset.text.contains("http://") || name == "mark.svg", "{name} loads something");
    }
}

#[tokio::test]
async fn home_lists_integrations_with_the_minter_first() {
    let deployment = TestDeployment::new().await;
    let page = TestBrowser::operator(&deployment).await.get(&deployment, "/").await.text;
    let (minter, admins) = (page.find("Cminter").unwrap(), page.find("Cadmins").unwrap());
    assert!(minter < admins && !page.contains("Creports"));
    for words in [
        "Read every message in the organisation",
        "spark-admin:people_read",
        "Select all",
        "Find scopes",
        "task-reporting",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("guest-issuer:write"), "no Integration may have it");
}

#[tokio::test]
async fn groups_and_filter_work_without_javascript() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let ticked = |text: &str| text.matches(" checked>").count();
    let all = operator.get(&deployment, "/?app=admins&scope=spark%3Aall&select=compliance").await.text;
    assert_eq!(ticked(&all), 17);
    let cleared =
        operator.get(&deployment, "/?app=admins&scope=spark%3Aall&select=compliance&clear=compliance").await.text;
    assert_eq!(ticked(&cleared), 1);
    let found = operator.get(&deployment, "/?app=admins&scope=spark%3Aall&filter=compliance+recordings").await.text;
    let shown = found.matches("<li><label><input type=\"checkbox\" name=\"scope\"").count();
    assert_eq!((shown, ticked(&found)), (4, 1), "what is hidden stays ticked");
}

#[tokio::test]
async fn scope_length_warns_above_800_and_refuses_above_880() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    for (length, review, start, words) in [
        (800, 200, 302, "800 of 880"),
        (801, 200, 302, "801 characters are more than 800"),
        (880, 200, 302, "880 of 880"),
        (881, 400, 400, "881 characters are more than the 880"),
    ] {
        let query = format!("app=admins&scope={}+b", "a".repeat(length - 2));
        let page = operator.get(&deployment, &format!("/review?{query}")).await;
        assert_eq!(page.status, review, "{length}");
        assert!(page.text.contains(words), "{length}: {}", page.text);
        assert_eq!(page.text.contains("Continue to Webex"), review == 200);
        assert_eq!(operator.get(&deployment, &format!("/start?{query}")).await.status, start, "{length}");
        assert_eq!(operator.cookies.contains_key("__Host-consent-flow"), start == 302);
        operator.cookies.remove("__Host-consent-flow");
    }
}

#[tokio::test]
async fn invalid_requests_say_why() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let table = [
        ("app=admins", 400, "No scopes are chosen"),
        ("app=admins&scope=%22", 400, "Invalid scope"),
        ("app=reports&scope=a", 404, "Unknown Integration"),
        ("app=nobody&scope=a", 404, "Unknown Integration"),
        ("app=BAD", 400, "Invalid name"),
        ("app=admins&subject=BAD%2F&scope=a", 400, "Invalid name"),
        ("", 400, "Invalid name"),
    ];
    for (query, status, words) in table {
        for place in ["review", "start"] {
            let page = operator.get(&deployment, &format!("/{place}?{query}")).await;
            assert_eq!(page.status, status, "{query}");
            assert!(page.text.contains(words), "{query}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn start_from_another_site_shows_the_review() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    operator.headers["sec-fetch-site"] = json!("cross-site");
    let page = operator.get(&deployment, "/start?app=minter").await;
    assert!(page.status == 200 && page.text.contains("Continue to Webex"));
    assert!(!operator.cookies.contains_key("__Host-consent-flow"));
}

#[tokio::test]
async fn home_without_the_refresher_says_so() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    deployment.refresher.reset().await;
    let page = operator.get(&deployment, "/").await;
    assert!(page.status == 503 && page.text.contains("The refresher does not answer"));
    let error = json!({"error": {"code": "store_unavailable", "detail": "the store is unavailable"}});
    deployment.answer("apps", &error).await;
    let page = operator.get(&deployment, "/").await;
    assert!(page.status == 503 && page.text.contains("store_unavailable"));
    deployment.refresher.reset().await;
    deployment.answer("apps", &json!({"apps": []})).await;
    assert!(operator.get(&deployment, "/").await.text.contains("No Integrations yet"));
}

/// A custom domain maps the path /webex to the deployment.
#[tokio::test]
async fn pages_below_a_base_path_link_within_it() {
    let digest = hex::encode(Sha256::digest(KEY));
    let deployment = TestDeployment::with(&[("CONSENT_KEY_SHA256", &digest), ("BASE_PATH", "webex")]).await;
    let mut operator = TestBrowser::new();
    let opened = operator.post(&deployment, "/webex/key", &[("key", KEY)]).await;
    assert_eq!((opened.status, opened.header("location")), (303, "./"));
    let root = operator.get(&deployment, "/webex?app=minter").await;
    assert_eq!((root.status, root.header("location")), (308, "webex/?app=minter"), "links would lead out of the path");
    for (address, expected) in
        [("/webex/fleet/", "../fleet"), ("/webex/apps/?x=1", "../apps?x=1"), ("/fleet/", "../fleet")]
    {
        let slashed = operator.get(&deployment, address).await;
        assert_eq!((slashed.status, slashed.header("location")), (308, expected), "{address}");
    }
    for (address, stylesheet) in [("/webex/", "./assets/"), ("/webex/review?app=minter", "./assets/")] {
        let page = operator.get(&deployment, address).await;
        assert_eq!(page.status, 200, "{address}");
        assert!(page.text.contains(&format!("href=\"{stylesheet}consent.css")), "{address}: {}", page.text);
        assert!(!page.text.contains("href=\"/"), "{address} has a link from the root of the host");
    }
    let start = operator.get(&deployment, "/webex/start?app=minter").await;
    assert_eq!((start.status, start.sent("redirect_uri")), (302, CALLBACK.to_owned()));
}
