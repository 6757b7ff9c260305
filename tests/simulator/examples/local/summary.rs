//! The result of the story, and the commands that a person can try next.

use crate::cargo_lambda::CargoLambda;
use crate::demo::{Demo, PREFIX};
use crate::{environment, process};

/// The number of lines printed from the end of the functions' log after a failure.
const LOG_LINES: usize = 40;

/// Prints whether all checks passed; after a failure also the end of the functions' log.
pub(crate) fn print_result(demo: &Demo, result: &anyhow::Result<()>) {
    let terminal = &demo.terminal;
    if let Err(error) = result {
        terminal.fatal(error);
    }
    let log = &demo.functions.log_shown;
    let failures = terminal.failures();
    if failures == 0 {
        print_notices(demo);
        let (steps, checks) = (terminal.steps(), terminal.checks());
        terminal.section(&format!("All {checks} checks in {steps} steps passed"));
        terminal.text(&format!("No person handled a token. The functions log to {log}."));
        return;
    }
    terminal.section(&format!("Failed: {failures} of the checks and steps above, marked ✗ or Error"));
    terminal.text(&format!("The end of {log}, the functions' log, without metrics:"));
    for line in process::tail(&demo.functions.log, LOG_LINES) {
        if !line.contains("\"_aws\"") {
            terminal.verbatim(&line);
        }
    }
}

/// Prints the subjects of the notices that a deployment would have sent by e-mail or into a Webex space.
fn print_notices(demo: &Demo) {
    demo.terminal.section("The notices that people would have got");
    for notice in demo.simulator.events.of_type("Notice") {
        let subject = notice.detail["subject"].as_str().unwrap_or_default();
        demo.terminal.text(&demo.with_names(subject));
    }
}

/// Prints commands that work as they are in another terminal.
pub(crate) fn print_commands(demo: &Demo, tool: &CargoLambda) {
    let terminal = &demo.terminal;
    terminal.section("Everything keeps running until Ctrl-C. Copy these commands into another terminal:");
    if let Some(folder) = &tool.installed {
        let path = format!("export PATH='{}':\"$PATH\"", folder.display());
        print_command(demo, "First of all, so that `cargo lambda` is found", &path);
    }
    for (title, command) in commands(demo) {
        print_command(demo, title, &command);
    }
    print_by_hand(demo);
    terminal.verbatim("");
    terminal.text(&format!("The names of all secrets start with {PREFIX}. Ctrl-C deletes everything."));
}

fn print_command(demo: &Demo, title: &str, command: &str) {
    demo.terminal.verbatim("");
    demo.terminal.verbatim(&format!("# {title}"));
    demo.terminal.verbatim(command);
}

fn commands(demo: &Demo) -> [(&'static str, String); 11] {
    let functions = &demo.functions.url;
    let port = demo.ports.functions;
    let birch = Demo::token_path(&demo.reports, &demo.birch);
    let secrets = demo.secrets().endpoint_url();
    let verify = format!("{{\"verify\":{{\"app\":\"reports\",\"subject\":\"{}\"}}}}", demo.birch.id);
    let device = "{\"device_start\":{\"app\":\"minter\",\"subject\":\"default\"}}";
    [
        ("Open the consent page in a browser, choose scopes for `personal`, sign in as ada", demo.consent_url()),
        ("Give consent with a code instead, to be typed at Webex; then device_poll", invoke("refresher", port, device)),
        ("Check that vend is running", format!("curl {functions}/healthz")),
        ("Fetch a token as another function does: Birch's for reports", format!("curl {functions}{birch}")),
        ("List the orgs that have authorised reports", format!("curl {functions}/v1/apps/reports/grants")),
        ("Send an event without a signature: 401", format!("curl -i -d '{{}}' {functions}/webhooks/reports")),
        ("Run a sweep as the schedule does", invoke("refresher", port, "{\"sweep\":{}}")),
        ("Ask Webex whether Birch's stored token is alive", invoke("refresher", port, &verify)),
        ("List the secrets", list_secrets(&secrets)),
        ("Show a grant's secret, tokens included, with the AWS command line", get_secret(demo, &secrets)),
        ("Follow the functions' log", format!("tail -f '{}'", demo.functions.log.display())),
    ]
}

/// Prints how to run one function outside `cargo local`, against the same Webex and Secrets Manager.
fn print_by_hand(demo: &Demo) {
    let port = demo.ports.by_hand();
    demo.terminal.verbatim("");
    demo.terminal.verbatim("# Run a function by hand, with another log level for example. First its environment:");
    demo.terminal.verbatim(&format!("unset {}", environment::UNSET_VARIABLES.join(" ")));
    for (name, value) in environment::environment(demo.ports.functions, &demo.simulator) {
        demo.terminal.verbatim(&format!("export {name}='{value}'"));
    }
    let watch = format!("cargo lambda watch --ignore-changes --invoke-address 127.0.0.1 --invoke-port {port}");
    print_command(demo, "then, in the same terminal and in the repository", &watch);
    let invoke = invoke("refresher", port, "{\"apps\":{}}");
    print_command(demo, "and in another terminal, for any of refresher, webhook, vend and consent", &invoke);
}

fn invoke(function: &str, port: u16, payload: &str) -> String {
    format!("cargo lambda invoke {function} --invoke-address 127.0.0.1 --invoke-port {port} --data-ascii '{payload}'")
}

fn list_secrets(endpoint: &str) -> String {
    format!("curl {endpoint} -H 'X-Amz-Target: secretsmanager.ListSecrets' -d '{{}}'")
}

fn get_secret(demo: &Demo, endpoint: &str) -> String {
    let secret = Demo::grant_secret(&demo.reports, &demo.birch);
    format!(
        "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \
         aws --region eu-central-1 --endpoint-url {endpoint} secretsmanager get-secret-value --secret-id {secret}"
    )
}
