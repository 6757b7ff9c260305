//! The end of the story, and what a person can try next.

use crate::process;
use crate::stage::{PREFIX, Stage};
use crate::tool::CargoLambda;

/// Whether it all went well, and where to look if not.
pub(crate) fn sum_up(stage: &Stage, told: &anyhow::Result<()>) {
    let screen = &stage.screen;
    if let Err(error) = told {
        screen.broken(error);
    }
    let (steps, failures) = (screen.steps(), screen.failures());
    let log = &stage.functions.log_shown;
    if failures > 0 {
        screen.section(&format!("Not as it should be: {failures} failed, marked ✗ or told above"));
        screen.say(&format!("The end of {log}, where the functions log (metrics left out):"));
        let lines = process::tail(&stage.functions.log, 40);
        for line in lines.iter().filter(|line| !line.contains("\"_aws\"")) {
            screen.verbatim(line);
        }
        return;
    }
    screen.section(&format!("All {steps} steps went as they should"));
    screen.say(&format!("Nobody has handled a token. The functions' own log is {log}."));
}

/// Each line works as it stands, in another terminal.
pub(crate) fn lines_to_copy(stage: &Stage, tool: &CargoLambda) {
    let screen = &stage.screen;
    screen.section("Everything stays up until Ctrl-C. Lines to copy into another terminal:");
    for (what, line) in lines(stage, tool) {
        screen.verbatim("");
        screen.verbatim(&format!("# {what}"));
        screen.verbatim(&line);
    }
    screen.verbatim("");
    screen.say(&format!("Secrets' names start with {PREFIX}. Nothing outlives Ctrl-C."));
}

fn lines(stage: &Stage, tool: &CargoLambda) -> [(&'static str, String); 11] {
    let functions = &stage.functions.url;
    let birch = Stage::token_path(&stage.reports, &stage.birch);
    let secrets = stage.secrets().endpoint_url();
    let verify = format!("{{\"verify\":{{\"app\":\"reports\",\"subject\":\"{}\"}}}}", stage.birch.id);
    let device = "{\"device_start\":{\"app\":\"minter\",\"subject\":\"default\"}}";
    [
        ("The consent page: open it in a browser, and be ada at Webex", stage.consent()),
        ("The minter without that page: a code to type at Webex, then device_poll", invoke(stage, tool, device)),
        ("Is vend there?", format!("curl {functions}/healthz")),
        ("A token, as another function gets it: Birch's for reports", format!("curl {functions}{birch}")),
        ("Who has authorised reports", format!("curl {functions}/v1/apps/reports/grants")),
        ("An event that nobody signed: 401", format!("curl -i -d '{{}}' {functions}/webhooks/reports")),
        ("A sweep, as the schedule starts it", invoke(stage, tool, "{\"sweep\":{}}")),
        ("Does Birch's stored token still live?", invoke(stage, tool, &verify)),
        ("What is stored", list(&secrets)),
        ("One of the grants, tokens and all, with the AWS command line", get(stage, &secrets)),
        ("What the functions say", format!("tail -f '{}'", stage.functions.log.display())),
    ]
}

fn invoke(stage: &Stage, tool: &CargoLambda, payload: &str) -> String {
    let ours = tool.ours.as_ref();
    let path = ours.map_or_else(String::new, |ours| format!("PATH='{}':\"$PATH\" ", ours.display()));
    let port = stage.ports.functions;
    format!(
        "{path}cargo lambda invoke refresher --invoke-address 127.0.0.1 --invoke-port {port} --data-ascii '{payload}'"
    )
}

fn list(endpoint: &str) -> String {
    format!("curl {endpoint} -H 'X-Amz-Target: secretsmanager.ListSecrets' -d '{{}}'")
}

fn get(stage: &Stage, endpoint: &str) -> String {
    let grant = Stage::grant(&stage.reports, &stage.birch);
    format!(
        "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \
         aws --region eu-central-1 --endpoint-url {endpoint} secretsmanager get-secret-value --secret-id {grant}"
    )
}
