//! schemathesis, which reads openapi.json and sends what a stranger could. `tests/journeys/schemathesis/install` gets it;
//! CI does so first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use super::front;
use crate::harness::World;

const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";

/// A program of the environment that `install` makes; `None` if it was not run.
fn program(name: &str) -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/schemathesis/bin");
    let program = tools.join(name);
    if program.exists() {
        return Some(program);
    }
    println!("skipped: {name} is not there; tests/journeys/schemathesis/install gets it");
    None
}

async fn run(mut command: Command) {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

#[tokio::test]
async fn the_document_is_openapi_3_1() {
    let Some(validator) = program("openapi-spec-validator") else { return };
    let mut command = Command::new(validator);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/vend/openapi.json"));
    run(command).await;
}

#[tokio::test]
async fn schemathesis_finds_nothing() {
    let Some(schemathesis) = program("schemathesis") else { return };
    let world = World::with(&[("CALLERS", "open")]).await;
    world.minter().await;
    let app = world.app("reports");
    world.onboard(&app, ORG).await;
    let url = front::start(Arc::new(world)).await;
    let mut command = Command::new(schemathesis);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis");
    command.current_dir(folder).args(["--config-file", "schemathesis.toml", "run", &format!("{url}/openapi.json")]);
    command.args(["--url", &url]);
    run(command).await;
}
