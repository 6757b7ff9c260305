//! schemathesis, which reads openapi.json and sends what a stranger could. `tests/journeys/schemathesis/install` gets it;
//! CI does so first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::json;

use super::{http_server, open_to};
use crate::oidc::{AUDIENCE, Key};

/// A program of the environment that `install` makes; `None` if it was not run.
#[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know")]
fn program(name: &str) -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/schemathesis/bin");
    let program = tools.join(name);
    if program.exists() {
        return Some(program);
    }
    println!("skipped: {name} is not there; tests/journeys/schemathesis/install gets it");
    None
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know")]
async fn run(mut command: Command) {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    println!("{said}");
    assert!(output.status.success(), "{said}");
}

#[tokio::test]
async fn document_is_valid_openapi() {
    let Some(validator) = program("openapi-spec-validator") else { return };
    let mut command = Command::new(validator);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/vend/openapi.json"));
    run(command).await;
}

#[tokio::test]
async fn schemathesis_finds_no_errors() {
    let Some(schemathesis) = program("schemathesis") else { return };
    let key = Key::new("k1", "ES256");
    let (world, issuer) = open_to(&key).await;
    // Never over: each request takes a moment of the deployment's time.
    let token =
        key.token(&json!({"iss": issuer.url, "sub": "schemathesis", "aud": AUDIENCE, "exp": 4_000_000_000_u32}));
    let url = http_server::start(Arc::new(world)).await;
    let mut command = Command::new(schemathesis);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis");
    command.current_dir(folder).args(["--config-file", "schemathesis.toml", "run", &format!("{url}/openapi.json")]);
    command.args(["--url", &url, "--header", &format!("Authorization: Bearer {token}")]);
    run(command).await;
}
