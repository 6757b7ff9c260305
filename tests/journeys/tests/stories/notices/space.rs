//! Notices as the template's rule posts them into a Webex space. This test does what EventBridge does with the rule: it puts
//! the values into the template, without escaping. The rule itself, deployed, is tested in `infra/tests/deployment`.

use serde_json::Value;

use super::{failing_org, notices, with_bus, word};

/// The input template of the rule for the space.
fn input_template() -> String {
    let template = include_str!("../../../../../infra/template.yaml");
    let line = template.lines().find(|line| line.contains("\"markdown\"")).unwrap();
    let (_, quoted) = line.split_once('\'').unwrap();
    quoted.trim_end().trim_end_matches('\'').replace("${NoticeWebexRoomId}", "Y2lzY28")
}

#[tokio::test]
async fn notices_reach_the_space_as_the_rule_words_them() {
    let (world, reports) = with_bus().await;
    let org = failing_org(&world, &reports).await;
    world.sweep().await;
    world.sim.webex.faults().clear();
    world.sweep().await;
    let bot = world.sim.webex.personal_access_token("bot");
    let told = notices(&world);
    let client = reqwest::Client::builder().build().unwrap();
    for notice in &told {
        let body =
            input_template().replace("<subject>", &word(notice, "subject")).replace("<text>", &word(notice, "text"));
        let body: Value = serde_json::from_str(&body).unwrap();
        let request = client.post(format!("{}/messages", world.sim.webex.base_url()));
        assert_eq!(request.bearer_auth(&bot).json(&body).send().await.unwrap().status(), 200, "{body}");
    }
    let messages = world.sim.webex.messages();
    assert_eq!(messages.len(), told.len());
    let last = &messages.last().unwrap().text;
    assert!(last.starts_with(&format!("**reports/{org} is renewed again**  \n")), "{last}");
    assert!(last.contains("https://console.example/fleet/reports/"), "{last}");
}
