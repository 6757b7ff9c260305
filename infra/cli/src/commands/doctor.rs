//! `wtb doctor`: whether this machine and the deployment are in order.
//!
//! Each check stands alone: one that is not permitted or not supported says so and hides no other.

mod account;
mod clock;
mod fleet;
mod functions;

use serde::Serialize;
use serde_json::json;

use crate::broker::Broker;
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::table::Look;

/// The result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Ok,
    Warn,
    Fail,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
struct Check {
    name: &'static str,
    level: Level,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
}

impl Check {
    fn ok(name: &'static str, what: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, what: what.into(), todo: None }
    }

    fn warn(name: &'static str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { name, level: Level::Warn, what: what.into(), todo: Some(todo.into()) }
    }

    fn fail(name: &'static str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { name, level: Level::Fail, what: what.into(), todo: Some(todo.into()) }
    }

    /// A check that could not be made.
    fn unknown(name: &'static str, failure: &Failure) -> Self {
        Self { name, level: Level::Warn, what: failure.detail.clone(), todo: failure.advice.clone() }
    }

    /// A check without which nothing works.
    fn broken(name: &'static str, failure: &Failure) -> Self {
        Self { name, level: Level::Fail, what: failure.detail.clone(), todo: failure.advice.clone() }
    }
}

/// Makes all checks. Exit status 3 if one fails, 4 if AWS or the deployment cannot be reached at all.
pub(super) async fn run(session: &Session<'_>) -> Result<Report, Failure> {
    let progress = session.spinner("checking");
    let mut checks = vec![Check::ok("wtb", concat!("version ", env!("CARGO_PKG_VERSION")))];
    let exit = examine(session, &mut checks).await;
    progress.finish_and_clear();
    let is_failing = checks.iter().any(|check| check.level == Level::Fail);
    let report = Report { text: text(&checks, session.look()), json: json!({ "checks": checks }), exit };
    Ok(report.needs_person(is_failing && exit == Exit::Ok))
}

async fn examine(session: &Session<'_>, checks: &mut Vec<Check>) -> Exit {
    if let Err(failure) = session.sdk() {
        checks.push(Check::broken("region", &failure));
        return Exit::Unreachable;
    }
    checks.push(Check::ok("region", session.region()));
    if !account::identity_and_clock(session, checks).await {
        return Exit::Unreachable;
    }
    let deployment = match Deployment::find(session).await {
        Ok(deployment) => deployment,
        Err(failure) => {
            checks.push(Check::broken("stack", &failure));
            return Exit::Unreachable;
        }
    };
    checks.push(stack(session, &deployment));
    functions::examine(session, &deployment, checks).await;
    let reached = match Broker::of(session, deployment.clone()) {
        Ok(broker) => fleet::examine(session, &broker, checks).await,
        Err(failure) => {
            checks.push(Check::broken("refresher", &failure));
            false
        }
    };
    account::secrets(session, &deployment, checks).await;
    if deployment.stack_status.is_some() {
        account::alarms(session, checks).await;
    }
    if reached { Exit::Ok } else { Exit::Unreachable }
}

fn stack(session: &Session<'_>, deployment: &Deployment) -> Check {
    let name = &session.options.stack;
    let Some(status) = &deployment.stack_status else {
        return Check::ok("stack", format!("not asked for: --function {}", deployment.refresher));
    };
    let what = format!("{name} is {status}");
    if status.contains("ROLLBACK") || status.contains("FAILED") {
        return Check::warn("stack", what, "look at the stack's events in CloudFormation, then deploy again");
    }
    if status.ends_with("IN_PROGRESS") {
        return Check::warn("stack", what, "wait until the deployment is complete");
    }
    Check::ok("stack", what)
}

fn text(checks: &[Check], look: Look) -> String {
    let mut rows = Vec::new();
    for check in checks {
        let level = match check.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "fail",
        };
        rows.push(vec![level.to_owned(), check.name.to_owned(), check.what.clone()]);
        if let Some(todo) = &check.todo {
            rows.push(vec![String::new(), String::new(), format!("→ {todo}")]);
        }
    }
    look.table(&["", "CHECK", "RESULT"], rows)
}
