//! The identity, and what it may see of the account.

use aws_sdk_cloudwatch::types::StateValue;

use super::clock::AwsDate;
use super::{Check, Level};
use crate::aws_error::{self, Attempt};
use crate::deployment::Deployment;
use crate::format;
use crate::session::Session;

/// Checks who asks, and the clock with the same answer. Returns whether AWS knows the identity.
pub(super) async fn identity_and_clock(session: &Session<'_>, checks: &mut Vec<Check>) -> bool {
    let Ok(sdk) = session.sdk() else { return false };
    let date = AwsDate::default();
    let client = aws_sdk_sts::Client::new(sdk);
    let call = client.get_caller_identity().customize().interceptor(date.clone()).send();
    let identity = call.await;
    let clock = date.check(session.machine.now());
    let error = match identity {
        Ok(identity) => {
            let account = identity.account.unwrap_or_default();
            let arn = identity.arn.unwrap_or_default();
            checks.push(Check::ok("identity", format!("{arn} in account {account}")));
            checks.extend(clock);
            return true;
        }
        Err(error) => error,
    };
    let attempt = Attempt { what: "ask AWS who you are", permission: "sts:GetCallerIdentity" };
    let failure = aws_error::explain(attempt, &error);
    // `cargo local` and other emulators have no STS, and their functions can still be asked.
    let goes_on = session.options.function.is_some();
    let mut check = Check::broken("identity", &failure);
    if goes_on {
        check.level = Level::Warn;
    }
    checks.push(check);
    checks.extend(clock);
    goes_on
}

/// Checks whether the identity may see the secrets' names.
pub(super) async fn secrets(session: &Session<'_>, deployment: &Deployment, checks: &mut Vec<Check>) {
    let Ok(sdk) = session.sdk() else { return };
    let client = aws_sdk_secretsmanager::Client::new(sdk);
    let name = format!("{}apps/", deployment.secret_prefix);
    let filter = aws_sdk_secretsmanager::types::Filter::builder()
        .key(aws_sdk_secretsmanager::types::FilterNameStringType::Name)
        .values(&name)
        .build();
    checks.push(match client.list_secrets().filters(filter).send().await {
        Ok(page) if page.secret_list().is_empty() => {
            Check::warn("secrets", format!("there is no secret {name}*"), "wtb app add, or check --secret-prefix")
        }
        Ok(page) => {
            Check::ok("secrets", format!("{} under {name}", format::count(page.secret_list().len() as u64, "secret")))
        }
        Err(error) => {
            let what = format!("list the secrets {name}*");
            let attempt = Attempt { what: &what, permission: "secretsmanager:ListSecrets" };
            Check::unknown("secrets", &aws_error::explain(attempt, &error))
        }
    });
}

/// Lists the alarms of the stack that are on.
pub(super) async fn alarms(session: &Session<'_>, checks: &mut Vec<Check>) {
    let Ok(sdk) = session.sdk() else { return };
    let prefix = format!("{}-", session.options.stack);
    let client = aws_sdk_cloudwatch::Client::new(sdk);
    let answer = client.describe_alarms().alarm_name_prefix(&prefix).max_records(100).send().await;
    let alarms = match answer {
        Ok(answer) => answer.metric_alarms.unwrap_or_default(),
        Err(error) => {
            let what = format!("list the alarms {prefix}*");
            let attempt = Attempt { what: &what, permission: "cloudwatch:DescribeAlarms" };
            checks.push(Check::unknown("alarms", &aws_error::explain(attempt, &error)));
            return;
        }
    };
    let mut on = Vec::new();
    let mut without_action = 0;
    for alarm in &alarms {
        let name = alarm.alarm_name().unwrap_or_default();
        if alarm.state_value() == Some(&StateValue::Alarm) {
            on.push(name.strip_prefix(&prefix).unwrap_or(name).to_owned());
        }
        if alarm.alarm_actions().is_empty() {
            without_action += 1;
        }
    }
    checks.push(match on.len() {
        0 => Check::ok("alarms", format!("on: none of {}", alarms.len())),
        _ => Check::fail("alarms", format!("on: {}", on.join(", ")), "infra/RUNBOOK.md has a section for each alarm"),
    });
    if without_action > 0 && without_action == alarms.len() {
        checks.push(Check::warn("notices", "the alarms notify nobody", "deploy with AlarmTopicArn"));
    }
}
