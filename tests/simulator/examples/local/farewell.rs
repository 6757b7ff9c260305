//! The end of the story, and what a person can try next.

use crate::process;
use crate::stage::{PREFIX, Stage};
use crate::tool::CargoLambda;

/// Whether it all went well, and where to look if not.
pub(crate) fn sum_up(stage: &Stage, failed: bool) {
    let screen = &stage.screen;
    let steps = screen.steps();
    if failed {
        screen.section(&format!(
            "Not as it should be: {} checks failed in {steps} steps",
            screen.mismatches()
        ));
        screen.say(&format!("The functions' log, {}, ends:", stage.functions.log_shown));
        for line in process::tail(&stage.functions.log, 20) {
            screen.verbatim(&line);
        }
        return;
    }
    screen.section(&format!("All {steps} steps went as they should"));
    screen.say(&format!(
        "Nobody touched a token by hand after step 2. What the functions said is in {}.",
        stage.functions.log_shown
    ));
}

/// Each line works as it stands, in another terminal.
pub(crate) fn lines_to_copy(stage: &Stage, tool: &CargoLambda) {
    let screen = &stage.screen;
    let (functions, port) = (&stage.functions.url, stage.ports.functions);
    let birch = Stage::token_path(&stage.reports, &stage.birch);
    let secrets = stage.simulator.secrets.endpoint_url();
    let grant = Stage::grant(&stage.reports, &stage.birch);
    screen.section("Everything stays up until Ctrl-C. Lines to copy into another terminal:");
    let lines = [
        ("Is vend there?", format!("curl {functions}/healthz")),
        (
            "A token, as another function gets it (Birch, reports)",
            format!("curl {functions}{birch}"),
        ),
        (
            "Who has authorised reports",
            format!("curl {functions}/v1/apps/reports/grants"),
        ),
        ("What vend offers", format!("curl {functions}/openapi.json")),
        (
            "A sweep, as the scheduler starts it",
            invoke(tool, port, "{\"sweep\":{}}"),
        ),
        (
            "Whether Birch's stored token still lives",
            invoke(tool, port, &verify(stage)),
        ),
        (
            "What is stored, with the AWS command line",
            format!("{} list-secrets --query 'SecretList[].Name'", aws(&secrets)),
        ),
        (
            "One of the grants, tokens and all",
            format!("{} get-secret-value --secret-id {grant}", aws(&secrets)),
        ),
        (
            "What the functions say",
            format!("tail -f \"{}\"", stage.functions.log.display()),
        ),
    ];
    for (what, line) in lines {
        screen.verbatim("");
        screen.verbatim(&format!("# {what}"));
        screen.verbatim(&line);
    }
    screen.verbatim("");
    screen.say(&format!(
        "Names of secrets start with {PREFIX}. Stop with Ctrl-C: nothing is kept."
    ));
}

fn verify(stage: &Stage) -> String {
    format!(
        "{{\"verify\":{{\"app\":\"reports\",\"subject\":\"{}\"}}}}",
        stage.birch.id
    )
}

fn invoke(tool: &CargoLambda, port: u16, payload: &str) -> String {
    let path = tool
        .ours
        .as_ref()
        .map_or_else(String::new, |ours| format!("PATH=\"{}:$PATH\" ", ours.display()));
    format!(
        "{path}cargo lambda invoke refresher --invoke-address 127.0.0.1 --invoke-port {port} --data-ascii '{payload}'"
    )
}

fn aws(endpoint: &str) -> String {
    format!(
        "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=eu-central-1 \
         aws --endpoint-url {endpoint} secretsmanager"
    )
}
