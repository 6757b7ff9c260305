//! Prints as JSON what the deployment must agree on with the functions: their variables and routes, and the metrics.
//! `infra/tests` compares the template with it.

#![expect(clippy::print_stdout, reason = "the output is the purpose")]

use std::collections::BTreeSet;
use std::io;

use jiff::Timestamp;
use lambda_kit::config::Variable;
use lambda_kit::metrics::{Metric, Metrics, NAMESPACE, NO_APP};
use serde_json::{Map, Value, json};

/// The routes of consent.
const CONSENT_ROUTES: [(&str, &str); 16] = [
    ("GET", "/"),
    ("POST", "/key"),
    ("POST", "/lock"),
    ("GET", "/review"),
    ("GET", "/start"),
    ("GET", "/callback"),
    ("POST", "/link"),
    ("GET", "/invited"),
    ("GET", "/invited/start"),
    ("GET", "/assets/{file}"),
    ("GET", "/fleet"),
    ("GET", "/fleet/{app}/{subject}"),
    ("GET", "/fleet/{app}/{subject}/{act}"),
    ("POST", "/fleet/{app}/{subject}/{act}"),
    ("GET", "/apps"),
    ("GET", "/minter"),
];

fn main() -> io::Result<()> {
    let metrics: Vec<_> = Metric::ALL.iter().map(|metric| json!({"name": metric, "unit": metric.unit()})).collect();
    let contract = json!({
        "namespace": NAMESPACE,
        "no_app": NO_APP,
        "metrics": metrics,
        "metric_line": metric_line()?,
        "functions": {
            "webhook": function(webhook::VARIABLES, &webhook_routes()),
            "refresher": function(refresher::VARIABLES, &[]),
            "vend": function(vend::VARIABLES, &vend_routes()),
            "consent": function(consent::VARIABLES, &consent_routes()),
            "prober": function(prober::VARIABLES, &[]),
        },
    });
    check_local_routes(&contract);
    println!("{contract:#}");
    Ok(())
}

/// A line with every metric, as the functions of a deployment print it.
fn metric_line() -> io::Result<Value> {
    let (reader, writer) = io::pipe()?;
    let zeros: Vec<_> = Metric::ALL.iter().map(|metric| (*metric, 0)).collect();
    let metrics = Metrics::to(writer).of_stack(Some("stack".to_owned()));
    metrics.record(NO_APP, Timestamp::UNIX_EPOCH, &zeros);
    drop(metrics);
    Ok(serde_json::from_reader(reader)?)
}

fn function(variables: &[Variable], routes: &[Value]) -> Value {
    let variables: Vec<_> =
        variables.iter().map(|variable| json!({"name": variable.name, "default": variable.default})).collect();
    json!({"variables": variables, "routes": routes})
}

fn route(method: &str, path: &str) -> Value {
    json!({"method": method, "path": path})
}

fn webhook_routes() -> [Value; 1] {
    [route("POST", "/webhooks/{app}")]
}

fn consent_routes() -> Vec<Value> {
    CONSENT_ROUTES.iter().map(|(method, path)| route(method, path)).collect()
}

/// The operations of vend's `OpenAPI` document, which the tests compare with the function.
fn vend_routes() -> Vec<Value> {
    let document: Value =
        serde_json::from_str(include_str!("../../../functions/vend/openapi.json")).unwrap_or_default();
    let no_paths = Map::new();
    let paths = document["paths"].as_object().unwrap_or(&no_paths);
    let mut routes = Vec::new();
    for (path, operations) in paths {
        for method in ["get", "post", "put", "delete"] {
            if operations.get(method).is_some() {
                routes.push(route(&method.to_uppercase(), path));
            }
        }
    }
    routes
}

/// Panics if a route of the contract is missing in the routes of `cargo lambda watch`, or the other way round.
fn check_local_routes(contract: &Value) {
    let manifest = include_str!("../../../Cargo.toml");
    let (_, router) = manifest.split_once("[workspace.metadata.lambda.watch.router]").unwrap_or_default();
    let mut local = BTreeSet::new();
    for line in router.lines().skip(1).take_while(|line| line.starts_with('"')) {
        if let [_, path, _, function, _] = line.split('"').collect::<Vec<_>>()[..] {
            local.insert((function.to_owned(), local_path(path)));
        }
    }
    let mut served = BTreeSet::new();
    for name in ["webhook", "vend", "consent"] {
        for route in contract["functions"][name]["routes"].as_array().into_iter().flatten() {
            let path = route["path"].as_str().unwrap_or_default();
            served.insert((name.to_owned(), local_path(path)));
        }
    }
    assert_eq!(local, served, "the routes of `cargo lambda watch` (left) and of the functions (right) differ");
}

/// `cargo lambda watch` routes all of vend's API by one pattern.
fn local_path(path: &str) -> String {
    if path.starts_with("/v1/") { "/v1/{*path}".to_owned() } else { path.to_owned() }
}
