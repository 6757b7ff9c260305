//! Reflected values never become markup, attributes, other links, or headers.

use serde_json::json;

use crate::support::{TestBrowser, TestDeployment};

const CORPUS: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>",
    "'><img src=x onerror=alert(1)>",
    "\" autofocus onfocus=alert(1) x=\"",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "x\r\nSet-Cookie: evil=1\r\n\r\n<script>alert(1)</script>",
    "\u{0}<\u{0}script>alert(1)</script>\u{202e}",
];

fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[tokio::test]
async fn parameters_never_become_markup() {
    let deployment = TestDeployment::new().await;
    let mut operator = TestBrowser::operator(&deployment).await;
    let places = [
        "/?app=admins&subject=",
        "/?app=admins&scope=",
        "/?app=admins&filter=",
        "/?app=",
        "/review?app=admins&scope=",
        "/review?app=",
        "/review?app=admins&scope=a&subject=",
        "/start?app=",
        "/start?app=admins&scope=",
        "/callback?error=",
        "/callback?error=x&error_description=",
        "/callback?state=",
        "/nothing?x=",
        "/fleet?q=",
        "/fleet?app=",
        "/fleet?app=reports&next=",
        "/fleet/reports/default?result=",
        "/fleet/reports/default/confirm?act=",
    ];
    for place in places {
        for evil in CORPUS {
            let page = operator.get(&deployment, &format!("{place}{}", encoded(evil))).await;
            harmless(&page.text, evil, place);
            assert!(page.headers.get("set-cookie").is_none_or(|cookie| !cookie.to_str().unwrap().contains("evil")));
        }
    }
}

#[tokio::test]
async fn answers_never_become_markup() {
    let deployment = TestDeployment::new().await;
    for evil in CORPUS {
        for parameter in ["error", "error_description", "trackingid"] {
            let mut operator = TestBrowser::operator(&deployment).await;
            let sent = operator.get(&deployment, "/start?app=minter").await;
            let error = if parameter == "error" { "" } else { "error=invalid_scope&" };
            let query = format!("{error}{parameter}={}&state={}", encoded(evil), sent.sent("state"));
            let page = operator.get(&deployment, &format!("/callback?{query}")).await;
            assert!(page.status >= 400, "{parameter}");
            harmless(&page.text, evil, parameter);
        }
        deployment.refresher.reset().await;
        deployment.answer("apps", &json!({"error": {"code": evil, "detail": evil, "tracking_id": evil}})).await;
        let page = TestBrowser::operator(&deployment).await.get(&deployment, "/").await;
        harmless(&page.text, evil, "apps");
        deployment.refresher.reset().await;
        let app = json!({"app": "a", "kind": "integration", "client_id": evil, "redirect_uri": evil, "scopes": [evil]});
        deployment.answer("apps", &json!({"apps": [app]})).await;
        let page = TestBrowser::operator(&deployment).await.get(&deployment, "/").await;
        harmless(&page.text, evil, "an app");
        deployment.refresher.reset().await;
        deployment
            .answer(
                "apps",
                &json!({"apps": [{"app": "minter", "kind": "integration", "client_id": "C",
            "redirect_uri": "https://consent.example/callback", "scopes": ["a"]}]}),
            )
            .await;
    }
}

#[tokio::test]
async fn statuses_never_become_markup() {
    for evil in CORPUS {
        let deployment = TestDeployment::new().await;
        let grant = json!({"app": evil, "subject": evil, "state": "active", "failing": true, "reason": evil, "code": evil,
            "tracking_id": evil, "history": [{"at": "2026-11-21T11:00:00Z", "what": "failing", "by": evil, "code": evil,
            "tracking_id": evil}]});
        let state = json!({"state": "failing", "reason": evil});
        let app = json!({"app": evil, "kind": "service_app", "client_id": evil, "webhooks": state,
            "credentials": {"state": "wrong", "reason": evil}, "counts": {"failing": 1}, "problems": [evil]});
        deployment.answer("status", &json!({"apps": [app], "grants": [grant], "next": evil})).await;
        let removal = json!({"state": "revoked", "revoked_at_webex": false, "detail": evil});
        deployment.answer("remove", &removal).await;
        let mut operator = TestBrowser::operator(&deployment).await;
        for place in
            ["/fleet", "/fleet?state=active", "/apps", "/minter", "/fleet/reports/default", "/review?app=minter"]
        {
            let page = operator.get(&deployment, place).await;
            assert_eq!(page.status, 200, "{place}");
            harmless(&page.text, evil, place);
        }
        let page = operator.get(&deployment, "/fleet/reports/default/confirm?act=remove").await;
        let token = page.text.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let acted = operator.post(&deployment, "/fleet/reports/default/remove", &[("token", &token)]).await;
        let place = acted.header("location").replace("../../../", "/");
        let page = operator.get(&deployment, &place).await;
        assert!(page.text.contains("The grant was removed."), "{}", page.text);
        harmless(&page.text, evil, "a result");
    }
}

fn harmless(text: &str, evil: &str, place: &str) {
    for markup in ["<script>", "<svg onload", "<img src=x", "<%=", "<!--"] {
        assert!(!text.contains(markup), "{place}{evil}: {markup}");
    }
    for attribute in ["\" autofocus onfocus", "' onmouseover='", "href=\"javascript", "href=\"&#", "-->"] {
        assert!(!text.contains(attribute), "{place}{evil}: {attribute}");
    }
}
