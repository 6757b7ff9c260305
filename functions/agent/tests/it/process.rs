//! The daemon as a process of its own.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};

use tokio::process::{Child, Command};

use crate::fixture::{Caller, EXECUTABLE, StubVend, answer, free_port, problem, token};

/// A daemon with its guard file and its identity token file in a folder.
struct Daemon {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Daemon {
    fn start(vend: &StubVend) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), vend)
    }

    fn start_in(folder: tempfile::TempDir, vend: &StubVend) -> Self {
        std::fs::write(folder.path().join("identity"), "canary-identity\n").unwrap();
        let port = free_port();
        let process = command(&folder, port, &vend.server.uri()).arg("serve").spawn().unwrap();
        Self { folder, port, process }
    }

    async fn caller(&self) -> Caller {
        Caller::new(self.port, "").ready().await;
        Caller::new(self.port, &std::fs::read_to_string(self.folder.path().join("guard")).unwrap())
    }

    /// Ends the process with SIGTERM, and returns what it printed.
    async fn end(self) -> Output {
        let id = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").arg(id).status().await.unwrap().success());
        self.process.wait_with_output().await.unwrap()
    }
}

fn command(folder: &tempfile::TempDir, port: u16, vend: &str) -> Command {
    let mut command = Command::new(EXECUTABLE);
    command
        .env_clear()
        .env("VEND_URL", vend)
        .env("IDENTITY_TOKEN_FILE", folder.path().join("identity"))
        .env("AGENT_PORT", port.to_string())
        .env("AGENT_GUARD_FILE", folder.path().join("guard"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[tokio::test]
async fn daemon_serves_callers_with_the_guard_file_and_prints_no_secret() {
    let vend = StubVend::new(token("canary-token", 3600)).await;
    let daemon = Daemon::start(&vend);
    let caller = daemon.caller().await;
    let guard = daemon.folder.path().join("guard");
    assert_eq!(std::fs::metadata(&guard).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(caller.token().await.body["access_token"], "canary-token");
    assert_eq!(vend.server.received_requests().await.unwrap()[0].headers["authorization"], "Bearer canary-identity");
    vend.answer(problem(503, "canary-token").append_header("x-token", "canary-token"));
    caller.get("/v1/apps/reports/grants/other/token").await;
    vend.answer(wiremock::ResponseTemplate::new(200).set_body_string("canary-token"));
    caller.get("/v1/apps/reports/grants/third/token").await;
    assert_eq!(
        answer(caller.request("GET", "/v1/apps/a/grants/b/token").bearer_auth("canary-guess")).await.status,
        401
    );
    let token = std::fs::read_to_string(guard).unwrap();
    let output = daemon.end().await;
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && printed.contains("listening on 127.0.0.1:"), "{printed}");
    assert!(!printed.contains("canary") && !printed.contains(&token), "{printed}");
}

#[tokio::test]
async fn daemon_listens_on_loopback_only() {
    let vend = StubVend::new(token("one", 3600)).await;
    let daemon = Daemon::start(&vend);
    daemon.caller().await;
    let wanted = format!(":{:04X} ", daemon.port);
    let sockets = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    // Local addresses that listen, as the kernel writes them: state 0A, and 127.0.0.1 as 0100007F.
    let listening: Vec<_> = sockets.iter().flat_map(|text| text.lines()).filter(|line| line.contains(" 0A ")).collect();
    let ours: Vec<_> = listening.iter().filter(|line| line.contains(&wanted)).collect();
    assert_eq!(ours.len(), 1);
    assert!(ours[0].contains("0100007F:"), "{}", ours[0]);
}

#[tokio::test]
async fn health_tells_whether_an_agent_serves() {
    let vend = StubVend::new(token("one", 3600)).await;
    let daemon = Daemon::start(&vend);
    daemon.caller().await;
    let health = |port| command(&daemon.folder, port, "https://vend.example").arg("health").output();
    assert!(health(daemon.port).await.unwrap().status.success());
    assert!(!health(free_port()).await.unwrap().status.success());
    let other = vend.server.address().port();
    vend.answer(problem(404, "no"));
    assert!(!health(other).await.unwrap().status.success(), "a server that is not the agent");
}

#[tokio::test]
async fn daemon_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let guard = folder.path().join("guard");
    let refused = |command: &mut Command| {
        let output = command.arg("serve").output();
        async { String::from_utf8(output.await.unwrap().stdout).unwrap() }
    };
    let log = refused(command(&folder, free_port(), "https://vend.example").env_remove("VEND_URL")).await;
    assert!(log.contains("VEND_URL must be set"), "{log}");
    std::fs::write(&guard, "0123456789abcdef").unwrap();
    std::fs::set_permissions(&guard, std::fs::Permissions::from_mode(0o644)).unwrap();
    let log = refused(&mut command(&folder, free_port(), "https://vend.example")).await;
    assert!(log.contains("everybody may use it (mode 644)"), "{log}");
    std::fs::remove_file(&guard).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let log = refused(&mut command(&folder, port, "https://vend.example")).await;
    assert!(log.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{log}");
}

#[tokio::test]
async fn guard_of_the_unit_lets_the_script_in() {
    let vend = StubVend::new(token("one", 3600)).await;
    let unit = include_str!("../../deploy/webex-token-agent.service");
    let before = unit.lines().find_map(|line| line.strip_prefix("ExecStartPre=/bin/sh -c '")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let script = before.trim_end_matches('\'').replace("/run/webex-token-agent", here);
    assert!(Command::new("/bin/sh").args(["-c", &script]).status().await.unwrap().success());
    let guard = folder.path().join("guard");
    assert_eq!(std::fs::metadata(&guard).unwrap().permissions().mode() & 0o777, 0o640);
    let daemon = Daemon::start_in(folder, &vend);
    daemon.caller().await;
    let script = include_str!("../../callers/token.sh").replace(":2774", &format!(":{}", daemon.port));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin");
    let output = shell.env("AGENT_GUARD_FILE", &guard).env("ORG", "acme").output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["access_token"], "one");
}
