//! The agent, the program itself, between vend and functions in several languages.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use simulator::lambda::ExtensionsApi;
use tokio::process::Child;

use super::ORG;
use super::sigv4::{ACCESS_KEY, SECRET_KEY};
use super::street::{Street, root};

const SESSION_TOKEN: &str = "session-token-of-the-function";

/// The agent as an extension, which signs for vend with the function's credentials.
struct AgentExtension {
    street: Street,
    port: String,
    /// Kept, because the agent ends with its API.
    _api: ExtensionsApi,
    _process: Child,
    folder: tempfile::TempDir,
}

impl AgentExtension {
    /// `None` if the agent is not built: `cargo t` builds it, `cargo test --test journeys` does not.
    #[expect(clippy::print_stdout, reason = "tells the person who runs the tests what was skipped and why")]
    async fn start() -> Option<Self> {
        let here = std::env::current_exe().unwrap();
        let built = here.ancestors().nth(2).unwrap().join("webex-token-agent");
        if !built.exists() {
            println!("skipped: the agent is not built");
            return None;
        }
        let street = Street::new().await;
        let api = ExtensionsApi::start().await.unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        drop(listener);
        let mut command = api.command(built.to_str().unwrap());
        command.env("VEND_URL", format!("{}/", street.vend)).env("AGENT_PORT", &port);
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        let process = command.spawn().unwrap();
        api.asked().await;
        Some(Self { street, port, _api: api, _process: process, folder: tempfile::tempdir().unwrap() })
    }

    /// An example with the port of this agent, and with `more` at its end.
    fn example(&self, name: &str, more: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let text = read(name).replace(":2774", &format!(":{}", self.port));
        std::fs::write(&path, format!("{text}{more}")).unwrap();
        path
    }

    async fn run(&self, program: &str, arguments: &[&str], file: &Path) {
        let mut command = Command::new(program);
        command.args(arguments).arg(file);
        command.env("GOTOOLCHAIN", "local").env("GOPROXY", "off").env("GO111MODULE", "off");
        command.env("GOCACHE", self.folder.path().join("cache"));
        self.street.run_in_lambda(command, SESSION_TOKEN, "characters").await;
    }

    async fn request(&self, method: &str, resource: &str, body: String) -> Value {
        let url = format!("http://127.0.0.1:{}/v1/apps/reports/grants/{ORG}/{resource}", self.port);
        let client = reqwest::Client::builder().build().unwrap();
        let request = client.request(method.parse().unwrap(), url).bearer_auth(SESSION_TOKEN).body(body);
        request.send().await.unwrap().json().await.unwrap()
    }
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join("functions/agent/callers").join(name)).unwrap()
}

#[tokio::test]
async fn functions_in_three_languages_get_a_token_of_the_agent() {
    let Some(agent) = AgentExtension::start().await else { return };
    let before = agent.street.world.sim.secrets.journal().total();
    let call = "\n\nprint(handler({'org': os.environ['ORG']}, None))\n";
    agent.run("python3", &[], &agent.example("lambda_function.py", call)).await;
    let call = "console.log(await handler({ org: process.env.ORG }));\n";
    agent.run("node", &[], &agent.example("index.mjs", call)).await;
    agent.run("go", &["run"], &agent.example("main.go", "")).await;
    let reads = agent.street.world.sim.secrets.journal().total() - before;
    assert_eq!(reads, 1, "vend was asked more than once");
}

#[tokio::test]
async fn agent_gives_vends_answers_and_reports_a_dead_token() {
    let Some(agent) = AgentExtension::start().await else { return };
    let first = agent.request("GET", "token", String::new()).await;
    let token = first["access_token"].as_str().unwrap();
    assert!(agent.street.world.sim.webex.is_alive(token));
    assert_eq!(
        (&first["app"], &first["subject"], &first["token_type"]),
        (&"reports".into(), &ORG.into(), &"Bearer".into())
    );
    agent.street.kill_current_token();
    let report = serde_json::json!({"access_token_sha256": hex::encode(Sha256::digest(token))}).to_string();
    let second = agent.request("POST", "token/rejected", report.clone()).await;
    assert!(agent.street.world.sim.webex.is_alive(second["access_token"].as_str().unwrap()), "{second}");
    assert_eq!(agent.request("POST", "token/rejected", report).await["access_token"], second["access_token"]);
    let unknown = agent.request("GET", "../0c0f5a9e-0000-4000-8000-000000000000/token", String::new()).await;
    assert_eq!(
        (&unknown["type"], &unknown["status"]),
        (&"urn:webex-token-broker:problem:not-found".into(), &404.into())
    );
}

#[test]
fn functions_need_at_most_five_lines_for_the_agent() {
    for example in ["lambda_function.py", "index.mjs", "main.go"] {
        let text = read(example);
        let code = text.lines().filter(|line| !line.starts_with("//") && !line.starts_with("\"\"\""));
        let words = ["request", "answer", "headers", "json.load"];
        let lines =
            code.filter(|line| words.iter().any(|word| line.contains(word)) && !line.contains("import")).count();
        assert!((1..=5).contains(&lines), "{example}: {lines} lines are about the agent");
    }
}
