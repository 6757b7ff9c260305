//! What operators do to grants: who may, with which form, and what the page says afterwards.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::console::{active, grant, with_grant};
use crate::support::{KEY, Page, TestBrowser, TestDeployment};

/// The token of the form on `page` whose action ends with `act`.
fn form_token(page: &str, act: &str) -> String {
    let form = page.find(&format!("ops/{act}\"")).unwrap_or_else(|| panic!("no form for {act}: {page}"));
    let rest = &page[form..];
    let value = &rest[rest.find("name=\"token\" value=\"").unwrap() + 20..];
    value[..value.find('"').unwrap()].to_owned()
}

async fn press(deployment: &TestDeployment, operator: &mut TestBrowser, act: &str) -> Page {
    let place = match act {
        "remove" | "block" => format!("/fleet/admins/ops/confirm?act={act}"),
        _ => "/fleet/admins/ops".to_owned(),
    };
    let page = operator.get(deployment, &place).await;
    let token = form_token(&page.text, act);
    let acted = operator.post(deployment, &format!("/fleet/admins/ops/{act}"), &[("token", &token)]).await;
    assert_eq!(acted.status, 303, "{}", acted.text);
    let place = acted.header("location").replace("../../../", "/");
    assert!(place.starts_with("/fleet/admins/ops?result="), "{place}");
    operator.get(deployment, &place).await
}

#[expect(clippy::too_many_lines, reason = "one table of all acts")]
#[tokio::test]
async fn each_act_sends_its_command_and_words_the_answer() {
    let id = json!({"app": "admins", "subject": "ops"});
    let renewal = json!({"state": "active", "renewed": true, "expires_at": "2026-12-05T12:00:00Z"});
    let removal = json!({"state": "revoked", "revoked_at_webex": false, "detail": "an administrator can revoke it"});
    let table: [(&str, &str, Value, Value, Value, &str); 8] = [
        (
            "verify",
            "verify",
            json!({}),
            json!({"alive": true, "expires_at": "2026-12-05T12:00:00Z"}),
            json!({}),
            "Webex accepts the access token. It expires on 5 December",
        ),
        ("verify", "verify", json!({}), json!({"alive": false}), json!({}), "Webex refuses the access token"),
        ("verify", "verify", json!({}), json!({"alive": null}), json!({}), "gave no verdict"),
        ("renew", "renew", json!({"force": true}), renewal, json!({}), "a new token pair"),
        (
            "restore",
            "restore",
            json!({}),
            json!({"state": "active", "renewed": true}),
            json!({"state": "fenced"}),
            "active again",
        ),
        (
            "unblock",
            "unblock",
            json!({}),
            json!({"state": "pending"}),
            json!({"state": "revoked", "blocked": true}),
            "The block is lifted",
        ),
        (
            "remove",
            "remove",
            json!({"block": false}),
            removal.clone(),
            json!({}),
            "Still to do: an administrator can revoke it.",
        ),
        ("block", "remove", json!({"block": true}), removal, json!({}), "stays out until it is unblocked"),
    ];
    for (act, tag, fields, answer, state, words) in table {
        let deployment = with_grant("integration", grant("admins", "ops", state)).await;
        deployment.answer(tag, &answer).await;
        let mut operator = TestBrowser::operator(&deployment).await;
        let page = press(&deployment, &mut operator, act).await;
        assert!(page.text.contains(words), "{act} without {words:?}: {}", page.text);
        let mut expected = id.clone();
        expected.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(deployment.received(tag).await, [json!({"operator": "console", tag: expected})]);
    }
}

#[tokio::test]
async fn forged_forms_do_nothing() {
    let deployment = with_grant("integration", active("admins", "ops")).await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let page = operator.get(&deployment, "/fleet/admins/ops").await.text;
    let verify = form_token(&page, "verify");
    let renew = form_token(&page, "renew");
    let mut attacked = operator.clone();
    attacked.headers["sec-fetch-site"] = json!("cross-site");
    let mut sibling = operator.clone();
    sibling.headers["sec-fetch-site"] = json!("same-site");
    let cases = [
        (attacked, "admins/ops/renew", renew.as_str(), 403, "Another site"),
        (sibling, "admins/ops/renew", renew.as_str(), 403, "Another site"),
        (TestBrowser::new(), "admins/ops/renew", renew.as_str(), 401, "Operator key"),
        (operator.clone(), "admins/ops/renew", "", 403, "The page is too old"),
        (operator.clone(), "admins/ops/renew", verify.as_str(), 403, "The page is too old"),
        (operator.clone(), "admins/ops/remove", renew.as_str(), 403, "The page is too old"),
        (operator.clone(), "admins/other/renew", renew.as_str(), 403, "The page is too old"),
        (operator.clone(), "admins/ops/sweep", renew.as_str(), 404, "Page not found"),
    ];
    for (mut browser, place, token, status, words) in cases {
        let page = browser.post(&deployment, &format!("/fleet/{place}"), &[("token", token)]).await;
        assert!(page.status == status && page.text.contains(words), "{place}: {} {}", page.status, page.text);
    }
    for act in ["verify", "renew", "restore", "unblock", "remove", "block"] {
        let page = operator.get(&deployment, &format!("/fleet/admins/ops/{act}?token={renew}")).await;
        assert_eq!((page.status, page.header("allow")), (405, "POST"), "{act}");
    }
    deployment.wait(SignedDuration::from_mins(29));
    let late = operator.get(&deployment, "/fleet/admins/ops").await;
    assert_eq!(late.status, 200);
    let mut again = TestBrowser::operator(&deployment).await;
    deployment.wait(SignedDuration::from_mins(1));
    let old = again.post(&deployment, "/fleet/admins/ops/renew", &[("token", &renew)]).await;
    assert!(old.status == 403 && old.text.contains("The page is too old"), "{}", old.text);
    for tag in ["verify", "renew", "restore", "unblock", "remove"] {
        assert_eq!(deployment.received(tag).await.len(), 0, "{tag}");
    }
}

#[tokio::test]
async fn confirmation_shows_consequences_and_does_nothing() {
    let deployment = with_grant("service_app", active("admins", "ops")).await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let remove = operator.get(&deployment, "/fleet/admins/ops/confirm?act=remove").await.text;
    assert!(remove.contains("Block the grant to prevent that") && remove.contains("Keep the grant"), "{remove}");
    let block = operator.get(&deployment, "/fleet/admins/ops/confirm?act=block").await.text;
    assert!(block.contains("until an operator unblocks it"), "{block}");
    for act in ["renew", "nothing", ""] {
        let page = operator.get(&deployment, &format!("/fleet/admins/ops/confirm?act={act}")).await;
        assert_eq!(page.status, 404, "{act}");
    }
    assert_eq!(deployment.received("remove").await.len(), 0);
    let minter = with_grant("integration", active("minter", "default")).await;
    let page = TestBrowser::operator(&minter).await.get(&minter, "/fleet/minter/default/confirm?act=remove").await;
    assert!(page.text.contains("This is the minter."), "{}", page.text);
}

#[tokio::test]
async fn refused_act_leads_back_to_the_grant() {
    let deployment = with_grant("integration", active("admins", "ops")).await;
    let error = json!({"code": "too_many_renewals", "detail": "Said so", "tracking_id": "ROUTERGW_1"});
    deployment.answer("renew", &json!({"error": error})).await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let page = operator.get(&deployment, "/fleet/admins/ops").await;
    let token = form_token(&page.text, "renew");
    let page = operator.post(&deployment, "/fleet/admins/ops/renew", &[("token", &token)]).await;
    assert_eq!(page.status, 409);
    for words in ["Said so", "ROUTERGW_1", "href=\"../../../fleet/admins/ops\""] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}

#[tokio::test]
async fn result_in_an_address_is_shown_to_its_maker_alone() {
    let deployment = with_grant("integration", active("admins", "ops")).await;
    deployment.answer("verify", &json!({"alive": true})).await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let page = operator.get(&deployment, "/fleet/admins/ops").await.text;
    let token = form_token(&page, "verify");
    let acted = operator.post(&deployment, "/fleet/admins/ops/verify", &[("token", &token)]).await;
    let place = acted.header("location").replace("../../../", "/");
    assert!(operator.get(&deployment, &place).await.text.contains("Webex accepts"));
    let other = place.replace("/ops?", "/other?");
    assert!(!operator.get(&deployment, &other).await.text.contains("Webex accepts"));
    let forged = operator.get(&deployment, "/fleet/admins/ops?result=Webex+accepts").await;
    assert!(forged.status == 200 && !forged.text.contains("Webex accepts"));
    deployment.wait(SignedDuration::from_mins(2));
    assert!(!operator.get(&deployment, &place).await.text.contains("Webex accepts"));
}

#[tokio::test]
async fn deep_link_survives_the_key_page() {
    let deployment = with_grant("integration", active("admins", "ops")).await;
    let mut browser = TestBrowser::new();
    let page = browser.get(&deployment, "/fleet/admins/ops?x=%22%3E").await;
    assert!(page.status == 401 && page.text.contains("action=\"../../key\""), "{}", page.text);
    let address = "fleet/admins/ops?x=%22%3E";
    assert!(page.text.contains(&format!("name=\"return_to\" value=\"{address}\"")), "{}", page.text);
    let wrong = browser.post(&deployment, "/key", &[("key", "wrong"), ("return_to", address)]).await;
    assert!(wrong.status == 403 && wrong.text.contains(address), "{}", wrong.text);
    let unlocked = browser.post(&deployment, "/key", &[("key", KEY), ("return_to", address)]).await;
    assert_eq!((unlocked.status, unlocked.header("location")), (303, "./fleet/admins/ops?x=%22%3E"));
    for elsewhere in ["//evil.example/", "https://evil.example/", "callback?code=c&state=s", "lock"] {
        let page = browser.post(&deployment, "/key", &[("key", KEY), ("return_to", elsewhere)]).await;
        assert_eq!((page.status, page.header("location")), (303, "./"), "{elsewhere}");
    }
    // A form that was sent too late leads to the page that has it.
    let late = TestBrowser::new().post(&deployment, "/fleet/admins/ops/renew", &[("token", "x")]).await;
    assert!(late.status == 401 && late.text.contains("value=\"fleet/admins/ops\""), "{}", late.text);
}
