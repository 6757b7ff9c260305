//! Which crate may depend on which.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::{none, root};

/// The crates of the workspace that each crate may depend on. Dev-dependencies may use any.
const DIRECTION: [(&str, &[&str]); 17] = [
    ("broker-core", &[]),
    ("webex", &["broker-core"]),
    ("secrets", &["broker-core"]),
    ("lambda-kit", &["broker-core"]),
    ("client", &[]),
    ("wtb", &["broker-core"]),
    ("webhook", &["broker-core", "lambda-kit", "secrets"]),
    ("refresher", &["broker-core", "lambda-kit", "secrets", "webex"]),
    ("vend", &["broker-core", "lambda-kit", "secrets", "webex"]),
    ("consent", &["broker-core", "lambda-kit"]),
    ("prober", &["broker-core", "client", "lambda-kit", "webex"]),
    ("agent", &["broker-core", "client", "lambda-kit"]),
    ("simulator", &[]),
    ("local", &[]),
    ("journeys", &[]),
    ("rig", &["simulator"]),
    ("bench", &["agent", "broker-core", "consent", "lambda-kit", "prober", "refresher", "secrets", "vend", "webhook"]),
];

/// The output of `cargo metadata` for this platform. Without the filter, cargo needs the crates of every platform in the
/// lock file, and a build has not downloaded those.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host()])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The target triple of this machine.
fn host() -> String {
    let rustc = std::path::Path::new(env!("CARGO")).with_file_name("rustc");
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn members(metadata: &Value) -> Vec<&Value> {
    let ids: BTreeSet<_> = metadata["workspace_members"].as_array().unwrap().iter().map(Value::as_str).collect();
    metadata["packages"].as_array().unwrap().iter().filter(|package| ids.contains(&package["id"].as_str())).collect()
}

#[test]
fn crates_depend_downwards_only() {
    let metadata = metadata();
    let members = members(&metadata);
    let names: BTreeSet<_> = members.iter().map(|package| text(package, "name")).collect();
    let allowed: BTreeMap<_, _> = DIRECTION.into_iter().collect();
    assert_eq!(names, allowed.keys().copied().collect(), "DIRECTION should list exactly the crates of the workspace");
    let mut wrong = Vec::new();
    for package in members {
        for dependency in package["dependencies"].as_array().unwrap() {
            let from = text(package, "name");
            let to = text(dependency, "name");
            let shipped = dependency["kind"] != "dev";
            if shipped && names.contains(to) && !allowed[from].contains(&to) {
                wrong.push(format!("{from} -> {to}"));
            }
        }
    }
    none(&wrong, "dependencies against the direction");
}

#[test]
fn simulator_depends_on_no_crate_of_the_workspace() {
    let metadata = metadata();
    let members = members(&metadata);
    let names: BTreeSet<_> = members.iter().map(|package| text(package, "name")).collect();
    let simulator = members.iter().find(|package| text(package, "name") == "simulator").unwrap();
    let dependencies = simulator["dependencies"].as_array().unwrap();
    let shared = dependencies.iter().map(|dependency| text(dependency, "name")).filter(|name| names.contains(name));
    none(&shared.map(str::to_owned).collect::<Vec<_>>(), "the simulator depends on");
}

#[test]
fn core_links_no_runtime_no_http_and_no_aws_crate() {
    let metadata = metadata();
    let reached = reached_from("broker-core", &metadata);
    assert!(reached.contains("jiff"), "the core depends on jiff, so the walk is broken");
    let banned = |name: &&String| {
        ["tokio", "reqwest", "hyper", "http", "lambda_runtime", "lambda_http"].contains(&name.as_str())
            || name.starts_with("aws-")
    };
    none(&reached.iter().filter(banned).cloned().collect::<Vec<_>>(), "the core links");
}

/// The names of all packages that a build of `name` links, without dev-dependencies.
fn reached_from(name: &str, metadata: &Value) -> BTreeSet<String> {
    let names: BTreeMap<_, _> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (text(package, "id"), text(package, "name")))
        .collect();
    let nodes: BTreeMap<_, _> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| (text(node, "id"), node)).collect();
    let mut waiting: Vec<&str> = names.iter().filter(|(_, found)| **found == name).map(|(id, _)| *id).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            let links = |dependency: &&Value| {
                dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
            };
            waiting.extend(
                nodes[id]["deps"].as_array().unwrap().iter().filter(links).map(|dependency| text(dependency, "pkg")),
            );
        }
    }
    reached.into_iter().map(|id| names[id].to_owned()).collect()
}

/// cargo-lambda deploys every binary that `cargo build` makes as a function. It builds the default members alone, so the
/// operators' command line may be a binary, which `cargo install` needs, in a crate that is none of them.
#[test]
fn only_functions_and_the_command_line_have_binaries() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in members(&metadata) {
        let is_function = text(package, "manifest_path").replace('\\', "/").contains("/functions/");
        let bins = package["targets"].as_array().unwrap().iter().filter(|target| target["kind"][0] == "bin").count();
        let is_command_line = ["wtb", "local"].contains(&text(package, "name"));
        if bins != usize::from(is_function || is_command_line) {
            wrong.push(format!("{} has {bins} binaries", text(package, "name")));
        }
    }
    none(&wrong, "binaries out of place");
}

#[test]
fn default_members_are_the_functions_and_the_agent() {
    let metadata = metadata();
    let defaults = metadata["workspace_default_members"].as_array().unwrap();
    let functions = members(&metadata).into_iter().filter(|package| defaults.contains(&package["id"]));
    let names: BTreeSet<_> = functions.map(|package| text(package, "name")).collect();
    assert_eq!(names, BTreeSet::from(["agent", "consent", "prober", "refresher", "vend", "webhook"]));
}

#[test]
fn dependencies_stand_in_the_root_manifest_with_a_reason() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let table = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let lines: Vec<_> = table.lines().collect();
    let mut wrong = Vec::new();
    for (above, line) in lines.iter().zip(&lines[1..]) {
        let is_ours = line.contains("path = ");
        // A crate may share the reason of the one right above it.
        if line.contains(" = ") && !line.starts_with('#') && !is_ours && above.is_empty() {
            wrong.push((*line).to_owned());
        }
    }
    none(&wrong, "dependencies without a reason");
    for package in members(&metadata()) {
        let path = text(package, "manifest_path");
        let own = std::fs::read_to_string(path).unwrap();
        let section = own.split("dependencies]").skip(1).filter_map(|section| section.split("\n[").next());
        let loose =
            section.flat_map(str::lines).filter(|line| line.contains(" = ") && !line.contains("workspace = true"));
        let loose: Vec<_> =
            loose.map(|line| line.replace("workspace = true", "")).filter(|line| line.contains('"')).collect();
        none(&loose, &format!("{} has dependencies of its own", text(package, "name")));
    }
}
