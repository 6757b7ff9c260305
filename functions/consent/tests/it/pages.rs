//! What the pages carry and how long a scope string may be.

use serde_json::json;

use crate::support::{Stage, Visitor};

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
async fn every_page_is_guarded_and_has_nothing_inline() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    let places = [
        "/",
        "/review?app=minter",
        "/review?app=admins",
        "/start?app=minter",
        "/callback",
        "/nothing",
        "/assets/x",
        "/key",
    ];
    for place in places {
        for visitor in [&mut operator, &mut Visitor::new()] {
            let page = visitor.get(&stage, place).await;
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
async fn assets_are_for_everybody_and_for_long() {
    let stage = Stage::new().await;
    for (name, kind) in [("consent.css", "text/css"), ("consent.js", "text/javascript"), ("mark.svg", "image/svg+xml")]
    {
        let asset = Visitor::new().get(&stage, &format!("/assets/{name}")).await;
        assert_eq!(asset.status, 200);
        assert!(asset.header("content-type").starts_with(kind));
        assert!(asset.header("cache-control").contains("immutable"));
        assert!(!asset.text.contains("http://") || name == "mark.svg", "{name} loads something");
    }
}

#[tokio::test]
async fn the_page_has_integrations_alone_and_the_minter_first() {
    let stage = Stage::new().await;
    let page = Visitor::operator(&stage).await.get(&stage, "/").await.text;
    let (minter, admins) = (page.find("Cminter").unwrap(), page.find("Cadmins").unwrap());
    assert!(minter < admins && !page.contains("Creports"));
    for words in ["Read every message in the organisation", "spark-admin:people_read", "Select all", "Find scopes"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("guest-issuer:write"), "no Integration may have it");
}

#[tokio::test]
async fn without_a_script_groups_and_the_filter_work_too() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    let ticked = |text: &str| text.matches(" checked>").count();
    let all = operator.get(&stage, "/?app=admins&scope=spark%3Aall&select=compliance").await.text;
    assert_eq!(ticked(&all), 17);
    let cleared = operator.get(&stage, "/?app=admins&scope=spark%3Aall&select=compliance&clear=compliance").await.text;
    assert_eq!(ticked(&cleared), 1);
    let found = operator.get(&stage, "/?app=admins&scope=spark%3Aall&filter=compliance+recordings").await.text;
    let shown = found.matches("<li><label><input type=\"checkbox\" name=\"scope\"").count();
    assert_eq!((shown, ticked(&found)), (4, 1), "what is hidden stays ticked");
}

#[tokio::test]
async fn over_800_characters_warn_and_over_880_are_refused() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    for (length, review, start, words) in [
        (800, 200, 302, "800 of 880"),
        (801, 200, 302, "801 characters are over 800"),
        (880, 200, 302, "880 of 880"),
        (881, 400, 400, "881 characters are more than the 880"),
    ] {
        let query = format!("app=admins&scope={}+b", "a".repeat(length - 2));
        let page = operator.get(&stage, &format!("/review?{query}")).await;
        assert_eq!(page.status, review, "{length}");
        assert!(page.text.contains(words), "{length}: {}", page.text);
        assert_eq!(page.text.contains("Continue to Webex"), review == 200);
        assert_eq!(operator.get(&stage, &format!("/start?{query}")).await.status, start, "{length}");
        assert_eq!(operator.cookies.contains_key("__Host-consent-flow"), start == 302);
        operator.cookies.remove("__Host-consent-flow");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for_says_why() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    let table = [
        ("app=admins", 400, "No scopes are chosen"),
        ("app=admins&scope=%22", 400, "That is not a scope"),
        ("app=reports&scope=a", 404, "There is no such Integration"),
        ("app=nobody&scope=a", 404, "There is no such Integration"),
        ("app=BAD", 400, "That name will not do"),
        ("app=admins&subject=BAD%2F&scope=a", 400, "That name will not do"),
        ("", 400, "That name will not do"),
    ];
    for (query, status, words) in table {
        for place in ["review", "start"] {
            let page = operator.get(&stage, &format!("/{place}?{query}")).await;
            assert_eq!(page.status, status, "{query}");
            assert!(page.text.contains(words), "{query}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn another_site_cannot_start_only_propose() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    operator.headers["sec-fetch-site"] = json!("cross-site");
    let page = operator.get(&stage, "/start?app=minter").await;
    assert!(page.status == 200 && page.text.contains("Continue to Webex"));
    assert!(!operator.cookies.contains_key("__Host-consent-flow"));
}

#[tokio::test]
async fn without_the_refresher_the_page_says_so() {
    let stage = Stage::new().await;
    let mut operator = Visitor::operator(&stage).await;
    stage.refresher.reset().await;
    let page = operator.get(&stage, "/").await;
    assert!(page.status == 503 && page.text.contains("The refresher does not answer"));
    let error = json!({"error": {"code": "store_unavailable", "detail": "the store would not do it"}});
    stage.answer("apps", &error).await;
    let page = operator.get(&stage, "/").await;
    assert!(page.status == 503 && page.text.contains("store_unavailable"));
    stage.refresher.reset().await;
    stage.answer("apps", &json!({"apps": []})).await;
    assert!(operator.get(&stage, "/").await.text.contains("No Integration is known yet"));
}
