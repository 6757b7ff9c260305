//! Back from Webex: what is believed, and what people are told.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{CALLBACK, Page, Stage, Visitor};

/// An operator who has been sent to Webex, and where to.
async fn started(stage: &Stage, query: &str) -> (Visitor, Page) {
    let mut visitor = Visitor::operator(stage).await;
    let page = visitor.get(stage, &format!("/start?{query}")).await;
    assert_eq!(page.status, 302, "{}", page.text);
    visitor.headers["sec-fetch-site"] = json!("cross-site");
    (visitor, page)
}

async fn back(stage: &Stage, visitor: &mut Visitor, query: &str) -> Page {
    visitor.get(stage, &format!("/callback?{query}")).await
}

#[tokio::test]
async fn the_request_is_webexs_with_state_and_s256() {
    let stage = Stage::new().await;
    let (_, page) = started(&stage, "app=minter&scope=ignored").await;
    let url = page.location();
    assert!(url.as_str().starts_with("https://webexapis.com/v1/authorize?response_type=code&client_id=Cminter&"));
    assert!(url.as_str().contains("scope=spark%3Aapplications_token%20application%3Awebhooks_write%20"));
    assert_eq!(page.sent("redirect_uri"), CALLBACK);
    assert_eq!(page.sent("code_challenge_method"), "S256");
    assert_eq!((page.sent("state").len(), page.sent("code_challenge").len()), (43, 43));
    let (_, again) = started(&stage, "app=minter").await;
    assert_ne!(page.sent("state"), again.sent("state"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
}

#[tokio::test]
async fn a_code_becomes_a_grant_once() {
    let stage = Stage::new().await;
    let granted = json!({"state": "active", "expires_at": "2026-12-05T12:00:00Z", "scope": "spark:kms"});
    stage.answer("exchange", &granted).await;
    let (mut visitor, sent) = started(&stage, "app=admins&subject=ops&scope=spark%3Aall+spark%3Akms").await;
    let copy = visitor.clone();
    let query = format!("code=c0de&state={}", sent.sent("state"));
    let page = back(&stage, &mut visitor, &query).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("admins/ops") && page.text.contains("5 December 2026, 12:00 UTC"), "{}", page.text);
    assert!(page.text.contains("Webex left out:</strong> <code>spark:all</code>"));
    assert!(!page.text.contains("c0de"));
    let exchanges = stage.exchanges().await;
    assert_eq!(exchanges.len(), 1);
    let expected = [("app", "admins"), ("subject", "ops"), ("code", "c0de"), ("redirect_uri", CALLBACK)];
    for (field, value) in expected {
        assert_eq!(exchanges[0][field], value);
    }
    assert_eq!((exchanges[0]["code_verifier"].as_str().unwrap().len(), &exchanges[0]["show"]), (43, &json!(false)));

    let again = back(&stage, &mut visitor, &query).await;
    assert!(again.status == 400 && again.text.contains("No sign-in is under way here"));
    let replayed = back(&stage, &mut copy.clone(), &query).await;
    assert!(replayed.status == 400 && replayed.text.contains("This answer has been used"));
    assert_eq!(stage.exchanges().await.len(), 1);
}

#[tokio::test]
async fn what_is_not_this_browsers_is_refused_before_any_call() {
    let stage = Stage::new().await;
    let (visitor, sent) = started(&stage, "app=minter").await;
    let ours = sent.sent("state");
    let flow = "__Host-consent-flow";
    let mut forged = visitor.clone();
    let sealed = forged.cookies[flow].replacen('e', "f", 1);
    forged.cookies.insert(flow.to_owned(), sealed);
    let mut unsealed = visitor.clone();
    unsealed.cookies.insert(flow.to_owned(), "eyJ9.AAAA".to_owned());
    let mut session = visitor.clone();
    session.cookies.insert(flow.to_owned(), visitor.cookies["__Host-consent-session"].clone());
    let cases = [
        (visitor.clone(), "code=c&state=other".to_owned(), "belongs to another sign-in"),
        (visitor.clone(), "code=c".to_owned(), "belongs to another sign-in"),
        (visitor.clone(), format!("code=c&state={ours}&state={ours}"), "belongs to another sign-in"),
        (Visitor::operator(&stage).await, format!("code=c&state={ours}"), "No sign-in is under way here"),
        (Visitor::new(), format!("error=access_denied&state={ours}"), "No sign-in is under way here"),
        (forged, format!("code=c&state={ours}"), "was not started here"),
        (unsealed, format!("code=c&state={ours}"), "was not started here"),
        (session, format!("code=c&state={ours}"), "was not started here"),
    ];
    for (mut visitor, query, words) in cases {
        let page = back(&stage, &mut visitor, &query).await;
        assert!(page.status == 400 && page.text.contains(words), "{query}: {}", page.text);
        assert!(page.text.contains("Start again from the first page"));
        assert!(!visitor.cookies.contains_key(flow), "{query}");
    }
    stage.wait(SignedDuration::from_mins(10));
    let late = back(&stage, &mut visitor.clone(), &format!("code=c&state={ours}")).await;
    assert!(late.status == 400 && late.text.contains("took too long"));
    assert_eq!(stage.exchanges().await.len(), 0);
}

#[tokio::test]
async fn each_error_of_webexs_has_its_words_and_its_tracking_id() {
    let stage = Stage::new().await;
    let id = "ROUTERGW_ce861fba-6e2f-49f9-9a84-b354008fac9e";
    let table = [
        ("invalid_scope", 403, "not entitled", "Sign in as a full administrator"),
        ("access_denied", 403, "Decline was pressed", "ask the organisation&#39;s administrator"),
        ("login_required", 403, "no session at Webex", "sign in when Webex asks"),
        ("server_error", 502, "could not complete the sign-in", "Try again in a few minutes"),
        ("something_new", 502, "does not know", "Read what Webex says below"),
    ];
    for (code, status, lead, step) in table {
        for said in [format!("error_description=Words&trackingid={id}"), format!("error_description=Words+({id})")] {
            let (mut visitor, sent) = started(&stage, "app=minter").await;
            let query = format!("error={code}&{said}&state={}", sent.sent("state"));
            let page = back(&stage, &mut visitor, &query).await;
            assert_eq!(page.status, status, "{code}");
            for words in [lead, step, id, code, "Words", "start?app=minter", "3 scopes had been asked for"] {
                assert!(page.text.contains(words), "{code} without {words:?}: {}", page.text);
            }
        }
    }
    assert_eq!(stage.exchanges().await.len(), 0);
}

#[tokio::test]
async fn each_refusal_of_the_refresher_says_what_to_do() {
    let table = [
        ("invalid_grant", 502, "did not take the code"),
        ("invalid_client", 502, "current client secret into apps/minter"),
        ("unknown_app", 502, "no longer there"),
        ("fenced", 409, "Wait for the next sweep"),
        ("store_unavailable", 503, "nothing that you granted is lost"),
        ("tokenlimit_reached", 502, "750 live access tokens"),
        ("anything_else", 502, "not exchanged"),
    ];
    for (code, status, words) in table {
        let stage = Stage::new().await;
        let error = json!({"error": {"code": code, "detail": "Told <so>", "tracking_id": "ROUTERGW_1"}});
        stage.answer("exchange", &error).await;
        let (mut visitor, sent) = started(&stage, "app=minter").await;
        let page = back(&stage, &mut visitor, &format!("code=c&state={}", sent.sent("state"))).await;
        assert_eq!(page.status, status, "{code}");
        for words in [words, "Told &#60;so&#62;", "ROUTERGW_1", code, "Try again"] {
            assert!(page.text.contains(words), "{code} without {words:?}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn a_refresher_that_does_not_answer_loses_nothing() {
    let stage = Stage::new().await; // and nobody says what an exchange leads to: 404
    let (mut visitor, sent) = started(&stage, "app=minter").await;
    let page = back(&stage, &mut visitor, &format!("code=c&state={}", sent.sent("state"))).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Granted at Webex, not yet stored here") && page.text.contains("start?app=minter"));
    let (mut visitor, sent) = started(&stage, "app=minter").await;
    let nothing = back(&stage, &mut visitor, &format!("state={}", sent.sent("state"))).await;
    assert_eq!(nothing.status, 502);
}

#[tokio::test]
async fn a_token_is_shown_where_both_allow_it_and_it_was_asked_for() {
    let granted = json!({"state": "active", "expires_at": null, "scope": null, "access_token": "s3cret"});
    for (allowed, asked, shown) in [("true", "&show=1", true), ("true", "", false), ("false", "&show=1", false)] {
        let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(crate::support::KEY));
        let stage = Stage::with(&[("SHOW_TOKENS", allowed), ("CONSENT_KEY_SHA256", &digest)]).await;
        stage.answer("exchange", &granted).await;
        let (mut visitor, sent) = started(&stage, &format!("app=minter{asked}")).await;
        let page = back(&stage, &mut visitor, &format!("code=c&state={}", sent.sent("state"))).await;
        assert_eq!(page.text.contains("s3cret"), shown, "{allowed} {asked}");
        assert_eq!(stage.exchanges().await[0]["show"], shown, "{allowed} {asked}");
    }
}
