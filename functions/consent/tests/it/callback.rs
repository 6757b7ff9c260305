//! The redirect from Webex: what is accepted, and what the page says.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{CALLBACK, Page, TestBrowser, TestDeployment};

/// An operator who was redirected to Webex, and the redirect.
async fn started(deployment: &TestDeployment, query: &str) -> (TestBrowser, Page) {
    let mut browser = TestBrowser::operator(deployment).await;
    let page = browser.get(deployment, &format!("/start?{query}")).await;
    assert_eq!(page.status, 302, "{}", page.text);
    browser.headers["sec-fetch-site"] = json!("cross-site");
    (browser, page)
}

async fn back(deployment: &TestDeployment, browser: &mut TestBrowser, query: &str) -> Page {
    browser.get(deployment, &format!("/callback?{query}")).await
}

#[tokio::test]
async fn start_redirects_with_state_and_s256() {
    let deployment = TestDeployment::new().await;
    let (_, page) = started(&deployment, "app=minter&scope=ignored").await;
    let url = page.location();
    assert!(url.as_str().starts_with("https://webexapis.com/v1/authorize?response_type=code&client_id=Cminter&"));
    assert!(url.as_str().contains("scope=spark%3Aapplications_token%20application%3Awebhooks_write%20"));
    assert_eq!(page.sent("redirect_uri"), CALLBACK);
    assert_eq!(page.sent("code_challenge_method"), "S256");
    assert_eq!((page.sent("state").len(), page.sent("code_challenge").len()), (43, 43));
    let (_, again) = started(&deployment, "app=minter").await;
    assert_ne!(page.sent("state"), again.sent("state"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
}

#[tokio::test]
async fn code_becomes_a_grant_once() {
    let deployment = TestDeployment::new().await;
    let granted = json!({"state": "active", "expires_at": "2026-12-05T12:00:00Z", "scope": "spark:kms"});
    deployment.answer("exchange", &granted).await;
    let (mut browser, sent) = started(&deployment, "app=admins&subject=ops&scope=spark%3Aall+spark%3Akms").await;
    let copy = browser.clone();
    let query = format!("code=c0de&state={}", sent.sent("state"));
    let page = back(&deployment, &mut browser, &query).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("admins/ops") && page.text.contains("5 December 2026, 12:00 UTC"), "{}", page.text);
    assert!(page.text.contains("Not granted by Webex:</strong> <code>spark:all</code>"));
    assert!(!page.text.contains("c0de"));
    let exchanges = deployment.exchanges().await;
    assert_eq!(exchanges.len(), 1);
    let expected = [("app", "admins"), ("subject", "ops"), ("code", "c0de"), ("redirect_uri", CALLBACK)];
    for (field, value) in expected {
        assert_eq!(exchanges[0][field], value);
    }
    assert_eq!((exchanges[0]["code_verifier"].as_str().unwrap().len(), &exchanges[0]["show"]), (43, &json!(false)));

    let again = back(&deployment, &mut browser, &query).await;
    assert!(again.status == 200 && again.text.contains("Already granted"), "{}", again.text);
    assert!(again.text.contains("admins/ops") && again.text.contains("21 November 2026, 12:00 UTC"));
    let replayed = back(&deployment, &mut copy.clone(), &query).await;
    assert!(replayed.status == 400 && replayed.text.contains("This answer has already been used"));
    assert_eq!(deployment.exchanges().await.len(), 1);
}

#[tokio::test]
async fn callback_of_another_flow_is_refused_before_any_call() {
    let deployment = TestDeployment::new().await;
    let (browser, sent) = started(&deployment, "app=minter").await;
    let ours = sent.sent("state");
    let flow = "__Host-consent-flow";
    let mut forged = browser.clone();
    let sealed = forged.cookies[flow].replacen('e', "f", 1);
    forged.cookies.insert(flow.to_owned(), sealed);
    let mut unsealed = browser.clone();
    unsealed.cookies.insert(flow.to_owned(), "eyJ9.AAAA".to_owned());
    let mut session = browser.clone();
    session.cookies.insert(flow.to_owned(), browser.cookies["__Host-consent-session"].clone());
    let cases = [
        (browser.clone(), "code=c&state=other".to_owned(), "belongs to another sign-in"),
        (browser.clone(), "code=c".to_owned(), "belongs to another sign-in"),
        (browser.clone(), format!("code=c&state={ours}&state={ours}"), "belongs to another sign-in"),
        (TestBrowser::operator(&deployment).await, format!("code=c&state={ours}"), "No sign-in is in progress"),
        (TestBrowser::new(), format!("error=access_denied&state={ours}"), "No sign-in is in progress"),
        (forged, format!("code=c&state={ours}"), "was not started here"),
        (unsealed, format!("code=c&state={ours}"), "was not started here"),
        (session, format!("code=c&state={ours}"), "was not started here"),
    ];
    for (mut browser, query, words) in cases {
        let page = back(&deployment, &mut browser, &query).await;
        assert!(page.status == 400 && page.text.contains(words), "{query}: {}", page.text);
        assert!(page.text.contains("Start again from the first page"));
        assert!(!browser.cookies.contains_key(flow), "{query}");
    }
    deployment.wait(SignedDuration::from_mins(10));
    let late = back(&deployment, &mut browser.clone(), &format!("code=c&state={ours}")).await;
    assert!(late.status == 400 && late.text.contains("took too long"));
    assert_eq!(deployment.exchanges().await.len(), 0);
}

#[tokio::test]
async fn webex_errors_have_a_text_and_the_tracking_id() {
    let deployment = TestDeployment::new().await;
    let id = "ROUTERGW_ce861fba-6e2f-49f9-9a84-b354008fac9e";
    let table = [
        ("invalid_scope", 403, "not registered for them", "Sign in as a full administrator"),
        ("access_denied", 403, "pressed Decline", "ask the organisation&#39;s administrator"),
        ("login_required", 403, "not signed in at Webex", "sign in when Webex asks"),
        ("server_error", 502, "could not complete the sign-in", "Try again in a few minutes"),
        ("something_new", 502, "does not know", "Read Webex&#39;s message below"),
    ];
    for (code, status, lead, step) in table {
        for said in [format!("error_description=Words&trackingid={id}"), format!("error_description=Words+({id})")] {
            let (mut browser, sent) = started(&deployment, "app=minter").await;
            let query = format!("error={code}&{said}&state={}", sent.sent("state"));
            let page = back(&deployment, &mut browser, &query).await;
            assert_eq!(page.status, status, "{code}");
            for words in [lead, step, id, code, "Words", "start?app=minter", "3 scopes were requested"] {
                assert!(page.text.contains(words), "{code} without {words:?}: {}", page.text);
            }
        }
    }
    assert_eq!(deployment.exchanges().await.len(), 0);
}

#[tokio::test]
async fn refresher_errors_say_what_to_do() {
    let table = [
        ("invalid_grant", 502, "did not accept the code"),
        ("invalid_client", 502, "current client secret into apps/minter"),
        ("unknown_app", 502, "no longer exists"),
        ("fenced", 409, "Wait for the next sweep"),
        ("store_unavailable", 503, "nothing that you granted is lost"),
        ("tokenlimit_reached", 502, "750 live access tokens"),
        ("anything_else", 502, "not exchanged"),
    ];
    for (code, status, words) in table {
        let deployment = TestDeployment::new().await;
        let error = json!({"error": {"code": code, "detail": "Said <so>", "tracking_id": "ROUTERGW_1"}});
        deployment.answer("exchange", &error).await;
        let (mut browser, sent) = started(&deployment, "app=minter").await;
        let page = back(&deployment, &mut browser, &format!("code=c&state={}", sent.sent("state"))).await;
        assert_eq!(page.status, status, "{code}");
        for words in [words, "Said &#60;so&#62;", "ROUTERGW_1", code, "Try again"] {
            assert!(page.text.contains(words), "{code} without {words:?}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn exchange_without_an_answer_can_be_retried() {
    let deployment = TestDeployment::new().await; // It answers no exchange: 404.
    let (mut browser, sent) = started(&deployment, "app=minter").await;
    let page = back(&deployment, &mut browser, &format!("code=c&state={}", sent.sent("state"))).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Granted at Webex, not stored here") && page.text.contains("start?app=minter"));
    let (mut browser, sent) = started(&deployment, "app=minter").await;
    let nothing = back(&deployment, &mut browser, &format!("state={}", sent.sent("state"))).await;
    assert_eq!(nothing.status, 502);
}

#[tokio::test]
async fn token_is_shown_if_allowed_and_requested() {
    let granted = json!({"state": "active", "expires_at": null, "scope": null, "access_token": "s3cret"});
    for (allowed, asked, shown) in [("true", "&show=1", true), ("true", "", false), ("false", "&show=1", false)] {
        let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(crate::support::KEY));
        let deployment = TestDeployment::with(&[("SHOW_TOKENS", allowed), ("CONSENT_KEY_SHA256", &digest)]).await;
        deployment.answer("exchange", &granted).await;
        let (mut browser, sent) = started(&deployment, &format!("app=minter{asked}")).await;
        let page = back(&deployment, &mut browser, &format!("code=c&state={}", sent.sent("state"))).await;
        assert_eq!(page.text.contains("s3cret"), shown, "{allowed} {asked}");
        assert_eq!(deployment.exchanges().await[0]["show"], shown, "{allowed} {asked}");
    }
}

#[tokio::test]
async fn flow_outlives_the_session_but_not_its_lock() {
    let deployment = TestDeployment::new().await;
    let granted = json!({"state": "active", "expires_at": "2026-12-05T12:00:00Z", "scope": null});
    deployment.answer("exchange", &granted).await;
    let mut browser = TestBrowser::operator(&deployment).await;
    deployment.wait(SignedDuration::from_mins(25));
    let sent = browser.get(&deployment, "/start?app=minter").await;
    assert_eq!(sent.status, 302);
    let query = format!("code=c&state={}", sent.sent("state"));
    let mut locked = browser.clone();
    assert_eq!(locked.post(&deployment, "/lock", &[]).await.status, 303);
    let page = back(&deployment, &mut locked, &query).await;
    assert!(page.status == 400 && page.text.contains("was not started here"), "{}", page.text);
    deployment.wait(SignedDuration::from_mins(9));
    assert_eq!(browser.get(&deployment, "/").await.status, 401, "the session has ended");
    assert_eq!(back(&deployment, &mut browser, &query).await.status, 200);
}
