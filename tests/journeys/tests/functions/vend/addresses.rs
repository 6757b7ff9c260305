//! Addresses: other spellings, and a deployment below a path of a custom domain.

use serde_json::json;
use url::Url;

use super::{TestDeployment, path};
use crate::harness::TestRequest;

/// Other ways to write an address and an organisation.
#[tokio::test]
async fn other_spellings_get_the_right_answer_or_say_what_they_are() {
    let deployment = TestDeployment::new().await;
    let org = deployment.org.clone();
    let urn = format!("ciscospark://us/ORGANIZATION/{org}");
    let escaped = urn.replace(':', "%3A").replace('/', "%2F");
    for subject in [urn.as_str(), &escaped, &org.replace('-', ""), &org.replace('-', "").to_uppercase()] {
        for end in ["token", "token/", "token/?min_ttl=0"] {
            let answer = deployment.world.at(&deployment.world.vend, &TestRequest::get(&path(subject, end))).await;
            assert_eq!(
                (answer.status, &answer.json()["subject"]),
                (200, &json!(org)),
                "{subject} {end}: {}",
                answer.text
            );
        }
    }
    for slashed in ["/healthz/", "/openapi.json/", "/v1/apps/reports/grants/"] {
        let answer = deployment.world.at(&deployment.world.vend, &TestRequest::get(slashed)).await;
        assert_eq!(answer.status, 200, "{slashed}");
    }
    let person = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";
    for subject in [person, "ciscospark://us/PEOPLE/ce861fba-6e2f-49f9-9a84-b354008fac9e"] {
        let answer = deployment.world.at(&deployment.world.vend, &TestRequest::get(&path(subject, "token"))).await;
        assert!(answer.status == 400 && answer.text.contains("type PEOPLE"), "{}", answer.text);
    }
}

/// A custom domain maps the path /webex to the deployment.
#[tokio::test]
async fn base_path_is_taken_off_every_route() {
    let deployment = TestDeployment::with(&[("BASE_PATH", "webex")]).await;
    for ours in [path(&deployment.org, "token"), "/v1/apps/reports/grants".to_owned(), "/healthz".to_owned()] {
        for path in [format!("/webex{ours}"), ours] {
            let answer = deployment.world.at(&deployment.world.vend, &TestRequest::get(&path)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
    for other in ["/webex", "/webexes/healthz", "/webex/webex/healthz"] {
        assert_eq!(deployment.world.at(&deployment.world.vend, &TestRequest::get(other)).await.status, 404, "{other}");
    }
}

/// Sweeps register the address below the path, and webhook answers there.
#[tokio::test]
async fn webhooks_are_registered_and_answered_below_the_base_path() {
    let variables = [("BASE_PATH", "webex"), ("WEBHOOK_URL", "https://api.example/webex")];
    let deployment = TestDeployment::with(&variables).await;
    deployment.world.sweep().await;
    let registered = deployment.world.sim.webex.registered_webhooks();
    let target = Url::parse(&registered[0].target_url).unwrap();
    assert_eq!(target.as_str(), "https://api.example/webex/webhooks/reports");
    let event = deployment.world.sim.webex.authorize(&deployment.app, "00000000-0000-4000-8000-0000000000b1");
    let delivery = event.signed(&deployment.app.secret);
    let request = TestRequest::delivery("reports", &delivery).path(target.path());
    assert_eq!(deployment.world.at_webhook(&request).await.status, 202);
}
