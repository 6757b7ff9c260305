//! The clients of shared/clients: the table of cases that they share, and their examples against vend with real signatures.
//! `shared/clients/install` gets what they need; CI does so first.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::street::{Street, root, text_of};

/// Where Debian's package golang-github-aws-aws-sdk-go-v2-dev puts the AWS SDK for Go.
const GO_PACKAGES: &str = "/usr/share/gocode";

/// What `shared/clients/install` put at this path; `None` if it did not.
fn installed(path: &str) -> Option<PathBuf> {
    let installed = root().join(".tools/clients").join(path);
    if installed.exists() {
        return Some(installed);
    }
    skip(&format!("{path} is not there; shared/clients/install gets it"));
    None
}

#[expect(clippy::print_stdout, reason = "tells the person who runs the tests what was skipped and why")]
fn skip(reason: &str) {
    println!("skipped: {reason}");
}

fn clients() -> PathBuf {
    root().join("shared/clients")
}

/// Python with the packages of the client's tests.
fn python(python: &Path, arguments: &[&str]) -> Command {
    let folder = clients().join("python");
    let mut command = Command::new(python);
    command.args(arguments).current_dir(&folder);
    command.env("PYTHONPATH", folder.join("src")).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A shell command in the folder of the Node client.
fn node(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(clients().join("node"));
    command
}

/// Go without the network and without another toolchain.
fn go(arguments: &[&str]) -> Command {
    let mut command = Command::new("go");
    command.args(arguments).current_dir(clients().join("go"));
    command.env("GOTOOLCHAIN", "local").env("GOPROXY", "off").env("GOFLAGS", "");
    command
}

/// Go with the AWS SDK that Debian ships, which is without hashes and so no module; `None` if it is not installed.
fn go_with_sdk(arguments: &[&str]) -> Option<Command> {
    let names = installed("go")?;
    if !has_go() || !Path::new(GO_PACKAGES).join("src/github.com/aws/aws-sdk-go-v2").exists() {
        skip("Go, or Debian's golang-github-aws-aws-sdk-go-v2-dev, is not installed");
        return None;
    }
    let mut command = go(arguments);
    command.env("GO111MODULE", "off").env("GOPATH", format!("{}:{GO_PACKAGES}", names.canonicalize().ok()?.display()));
    Some(command)
}

fn has_go() -> bool {
    go(&["version"]).output().is_ok_and(|output| output.status.success())
}

/// Runs the tests of a client.
#[expect(clippy::print_stdout, reason = "shows what the other test runner printed")]
async fn pass(mut command: Command) {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = text_of(&output);
    println!("{text}");
    assert!(output.status.success(), "{text}");
}

#[tokio::test]
async fn python_client_keeps_to_the_table_of_cases() {
    let Some(program) = installed("python/bin/python") else { return };
    pass(python(&program, &["-m", "unittest", "discover", "-s", "tests"])).await;
}

#[tokio::test]
async fn python_client_has_types_that_hold() {
    let Some(program) = installed("python/bin/python") else { return };
    let cache = root().join(".tools/clients/mypy");
    pass(python(&program, &["-m", "mypy", "--cache-dir", cache.to_str().unwrap()])).await;
}

#[tokio::test]
async fn node_client_keeps_to_the_table_of_cases() {
    if installed("node/node_modules").is_some() {
        pass(node("node --test test/*.test.js && node_modules/.bin/tsc -p .")).await;
    }
}

#[tokio::test]
async fn go_client_keeps_to_the_table_of_cases() {
    if has_go() {
        pass(go(&["vet", "./..."])).await;
        pass(go(&["test", "./..."])).await;
    } else {
        skip("Go is not installed");
    }
}

#[tokio::test]
async fn go_client_signs_with_the_aws_sdk() {
    if let Some(command) = go_with_sdk(&["test", "webex-token-broker.example/broker/sigv4"]) {
        pass(command).await;
    }
}

#[tokio::test]
async fn python_examples_renew_a_dead_token() {
    let Some(program) = installed("python/bin/python") else { return };
    for example in ["with_requests.py", "with_httpx.py", "with_wxc_sdk.py", "with_webexpythonsdk.py"] {
        let file = format!("examples/{example}");
        let command = || python(&program, &["tests/run_example.py", &file]);
        Street::new().await.renews_a_dead_token(command, &[], "I am Service App").await.unwrap();
    }
}

#[tokio::test]
async fn node_example_renews_a_dead_token() {
    if installed("node/node_modules").is_some() {
        let command = || node("node test/run-example.js examples/with-fetch.mjs");
        Street::new().await.renews_a_dead_token(command, &[], "I am Service App").await.unwrap();
    }
}

#[tokio::test]
async fn go_example_renews_a_dead_token() {
    let arguments = ["test", "-v", "-count=1", "webex-token-broker.example/broker/sigv4/examples/withhttp"];
    if go_with_sdk(&arguments).is_some() {
        let command = || go_with_sdk(&arguments).unwrap();
        Street::new().await.renews_a_dead_token(command, &[], "I am Service App").await.unwrap();
    }
}

#[tokio::test]
async fn lambda_examples_get_a_token() {
    let street = Street::new().await;
    if let Some(program) = installed("python/bin/python") {
        for example in ["examples/lambda_function.py", "examples/google_function.py"] {
            street.run(python(&program, &["tests/run_example.py", example]), "ends").await.unwrap();
        }
    }
    if installed("node/node_modules").is_some() {
        street.run(node("node test/run-example.js examples/lambda.mjs"), "ends").await.unwrap();
    }
    let package = "webex-token-broker.example/broker/sigv4/examples/function";
    if let Some(command) = go_with_sdk(&["run", package]) {
        street.run(command, "ends").await.unwrap();
    }
}

#[test]
fn lambda_examples_need_at_most_five_lines() {
    for example in
        ["python/examples/lambda_function.py", "node/examples/lambda.mjs", "go/sigv4/examples/function/main.go"]
    {
        let text = std::fs::read_to_string(clients().join(example)).unwrap();
        let code = text.lines().filter(|line| !line.starts_with("//") && !line.starts_with("\"\"\""));
        let words = ["broker", "sigv4", "token", "vend"];
        let lines = code.filter(|line| words.iter().any(|word| line.to_lowercase().contains(word))).count();
        assert!((1..=5).contains(&lines), "{example}: {lines} lines are about the broker");
    }
}
