//! The deployed functions, their concurrency, and whether they may be invoked.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types::{InvocationType, LastUpdateStatus, State};

use super::Check;
use crate::aws_error::{self, Attempt};
use crate::deployment::Deployment;
use crate::exit::Exit;
use crate::session::Session;

/// Executions that the other functions of an account should have left; Lambda keeps at least as many unreserved.
const LEAST_UNRESERVED: i32 = 100;

/// Checks the functions, then what the account allows them.
pub(super) async fn examine(session: &Session<'_>, deployment: &Deployment, checks: &mut Vec<Check>) {
    let Ok(sdk) = session.sdk() else { return };
    let client = Client::new(sdk);
    for function in deployment.functions() {
        checks.push(state(&client, &function).await);
    }
    checks.push(may_invoke(&client, &deployment.refresher).await);
    checks.push(reserved(&client, &deployment.refresher).await);
    checks.push(account_limit(&client).await);
}

async fn state(client: &Client, function: &str) -> Check {
    match client.get_function_configuration().function_name(function).send().await {
        Ok(configuration) => describe(function, &configuration),
        Err(error) => {
            let what = format!("look at the function {function}");
            unknown("function", &what, "lambda:GetFunctionConfiguration", &error)
        }
    }
}

fn describe(function: &str, configuration: &GetFunctionConfigurationOutput) -> Check {
    let changed = configuration.last_modified().unwrap_or("at an unknown time");
    let changed = changed.split('T').next().unwrap_or(changed);
    let memory = configuration.memory_size().unwrap_or_default();
    let what = format!("{function}: {memory} MB, changed {changed}");
    if configuration.last_update_status() == Some(&LastUpdateStatus::Failed) {
        let reason = configuration.last_update_status_reason().unwrap_or("no reason given");
        return Check::fail("function", format!("{what}; the last update failed: {reason}"), "deploy again");
    }
    match configuration.state() {
        Some(State::Active | State::Inactive) | None => Check::ok("function", what),
        Some(state) => {
            let reason = configuration.state_reason().unwrap_or("no reason given");
            Check::fail("function", format!("{what}; it is {}: {reason}", state.as_str()), "deploy again")
        }
    }
}

/// A dry run asks Lambda for the permission alone.
async fn may_invoke(client: &Client, function: &str) -> Check {
    match client.invoke().function_name(function).invocation_type(InvocationType::DryRun).send().await {
        Ok(_) => Check::ok("permission", format!("may invoke {function}")),
        Err(error) => {
            let what = format!("invoke the function {function}");
            let attempt = Attempt { what: &what, permission: "lambda:InvokeFunction" };
            let failure = aws_error::explain(attempt, &error);
            match failure.exit {
                Exit::Unreachable => Check::broken("permission", &failure),
                _ => Check::unknown("permission", &failure),
            }
        }
    }
}

async fn reserved(client: &Client, function: &str) -> Check {
    match client.get_function_concurrency().function_name(function).send().await {
        Ok(answer) => match answer.reserved_concurrent_executions() {
            Some(0) => Check::fail(
                "concurrency",
                format!("{function} is stopped: it has 0 reserved executions"),
                "unless you are moving regions: aws lambda delete-function-concurrency, or deploy again",
            ),
            Some(number) => Check::ok("concurrency", format!("{function} has {number} reserved executions")),
            None => Check::ok("concurrency", format!("{function} uses the account's unreserved executions")),
        },
        Err(error) => {
            let what = format!("read the reserved executions of {function}");
            unknown("concurrency", &what, "lambda:GetFunctionConcurrency", &error)
        }
    }
}

async fn account_limit(client: &Client) -> Check {
    let answer = match client.get_account_settings().send().await {
        Ok(answer) => answer,
        Err(error) => {
            return unknown("limits", "read the account's Lambda limits", "lambda:GetAccountSettings", &error);
        }
    };
    let Some(limit) = answer.account_limit() else {
        return Check::ok("limits", "Lambda names no limit");
    };
    let total = limit.concurrent_executions();
    let unreserved = limit.unreserved_concurrent_executions().unwrap_or(total);
    let what = format!("{total} concurrent executions in the account, {unreserved} of them unreserved");
    if unreserved < LEAST_UNRESERVED {
        return Check::warn("limits", what, "ask AWS for a higher limit, or deploy with ReserveConcurrency=no");
    }
    Check::ok("limits", what)
}

fn unknown<E>(name: &'static str, what: &str, permission: &str, error: &SdkError<E>) -> Check
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    Check::unknown(name, &aws_error::explain(Attempt { what, permission }, error))
}
