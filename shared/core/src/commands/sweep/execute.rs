//! Executing the tasks of a sweep until they are done or time is up.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use super::credentials;
use super::discover::discover;
use super::fleet::Fleet;
use super::plan::{Task, Work};
use super::probes::ProbeList;
use super::report::{FailureLine, SweepOutcome};
use super::task_result::{RefusedGrant, TaskResult};

use crate::app::App;
use crate::app_state::{AppCredentials, CredentialState};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Failure, Grant, State};
use crate::id::{AppName, GrantId};
use crate::port::{Found, Stored};
use crate::renewal::{ClaimResult, RenewalOutcome, claim, heal, mint_or_retire, record_result, wants_more_time};
use crate::token::AccessToken;
use crate::verdict::TokenVerdict;

/// Grants in hand at once. Each is two writes and one call to Webex; the store takes about 50 writes a second.
const AT_ONCE: usize = 16;

/// Questions about tokens at once. Each is one call to Webex, which limits the calls of each token, and none to the store.
const QUESTIONS_AT_ONCE: usize = 32;

/// Time that a grant needs once it is begun. With less than this left, the rest is for the next sweep.
const ONE_GRANT: SignedDuration = SignedDuration::from_secs(8);

/// Performs the tasks in order, some at a time, each failing by itself, and then asks the questions about tokens. Returns
/// the grants whose end needs evidence.
pub(super) async fn execute<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    tasks: Vec<Task>,
    probes: ProbeList,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) -> Vec<RefusedGrant> {
    let apps: BTreeMap<&AppName, &App> = apps.iter().map(|app| (&app.name, app)).collect();
    let start = |task: Task| {
        let app = apps.get(&task.id.app).copied();
        async move { (task.id.clone(), execute_task(cx, app, task).await) }
    };
    let probed_until = probes.complete_until();
    let tasks = stream::iter(tasks).map(start).buffer_unordered(AT_ONCE);
    let questions = stream::iter(probes.into_questions()).map(start).buffer_unordered(QUESTIONS_AT_ONCE);
    let mut results = tasks.chain(questions);
    let mut refused = Vec::new();
    let mut all_answered = true;
    while let Some((id, result)) = results.next().await {
        match result {
            TaskResult::Attempted(attempt) => {
                let (before, result) = *attempt;
                count_result(cx, &before, &result, fleet, outcome);
            }
            TaskResult::Refused(grant) => refused.push(*grant),
            TaskResult::Nothing => {}
            TaskResult::Unanswered => all_answered = false,
            TaskResult::Deferred => {
                all_answered = false;
                outcome.defer(&id.app);
            }
        }
    }
    if all_answered {
        cx.memory.set_probed_until(probed_until);
    }
    refused
}

async fn execute_task<P: Ports>(cx: &Context<'_, P>, app: Option<&App>, task: Task) -> TaskResult {
    if !cx.deadline.allows(cx.now(), ONE_GRANT) {
        return match task.work {
            Work::Probe(_) => TaskResult::Unanswered,
            _ => TaskResult::Deferred,
        };
    }
    match (task.work, app) {
        (Work::FinishRetirement, _) => match cx.records().retire(&task.id).await {
            Ok(_) => TaskResult::Nothing,
            Err(_) => TaskResult::Deferred,
        },
        (Work::Discover, Some(app)) => discover(cx, app, task.id).await,
        (Work::Discover | Work::Probe(_), None) => TaskResult::Nothing,
        (Work::Renew(stored) | Work::Ask(stored), None) => {
            finish(cx, *stored, Err(BrokerError::UnknownApp(task.id.app))).await
        }
        (Work::Renew(stored), Some(app)) => renew(cx, app, *stored).await,
        (Work::Probe(token), Some(app)) => probe(cx, app, &task.id, &token).await,
        (Work::Ask(stored), Some(app)) => {
            let result = mint_or_retire(cx, app, &stored).await;
            finish(cx, *stored, result).await
        }
    }
}

async fn renew<P: Ports>(cx: &Context<'_, P>, app: &App, stored: Stored) -> TaskResult {
    match claim(cx, stored.clone()).await {
        Ok(ClaimResult::Claimed(claimed)) => {
            let result = heal(cx, app, &claimed).await;
            finish(cx, claimed, result).await
        }
        Ok(ClaimResult::Elsewhere(found)) => finish(cx, stored, Ok(RenewalOutcome::Adopted(found))).await,
        Err(error) => finish(cx, stored, Err(error)).await,
    }
}

/// Asks Webex whether the access token lives; a dead one is renewed, which shows whether the organisation has left.
async fn probe<P: Ports>(cx: &Context<'_, P>, app: &App, id: &GrantId, token: &AccessToken) -> TaskResult {
    match cx.probe(token).await {
        TokenVerdict::Lives(_) => TaskResult::Nothing,
        verdict if verdict.is_proven_dead() => renew_dead(cx, app, id, token).await,
        TokenVerdict::Expired | TokenVerdict::Refused(_) | TokenVerdict::Unknown(_) => TaskResult::Unanswered,
    }
}

/// Renews a grant whose access token is dead, unless the record has another one by now.
async fn renew_dead<P: Ports>(cx: &Context<'_, P>, app: &App, id: &GrantId, dead: &AccessToken) -> TaskResult {
    let stored = match cx.records().load(id).await {
        Ok(Found::Live(stored)) => *stored,
        Ok(Found::Absent | Found::Retired) => return TaskResult::Nothing,
        Err(_) => return TaskResult::Unanswered,
    };
    match stored.grant.vendable() {
        Some(pair) if pair.access_token.fingerprint() == dead.fingerprint() => {
            renew(&cx.replacing_dead_token(), app, stored).await
        }
        _ => TaskResult::Nothing,
    }
}

async fn finish<P: Ports>(
    cx: &Context<'_, P>,
    stored: Stored,
    result: Result<RenewalOutcome, BrokerError>,
) -> TaskResult {
    if let Err(error @ BrokerError::NotConfirmed(_)) = result {
        return TaskResult::Refused(Box::new(RefusedGrant { stored, error }));
    }
    record_result(cx, &stored, &result).await;
    TaskResult::Attempted(Box::new((stored.grant, result)))
}

/// Counts the result of one grant, and keeps the record as it stands now.
pub(super) fn count_result<P: Ports>(
    cx: &Context<'_, P>,
    before: &Grant,
    result: &Result<RenewalOutcome, BrokerError>,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) {
    note_credentials(&before.id.app, result, outcome);
    match result {
        Ok(renewal) => {
            if let RenewalOutcome::Adopted(_) = renewal {
                outcome.report.skipped += 1;
            }
            if let Some(grant) = renewal.grant() {
                fleet.replace(before, grant.clone(), cx.now());
            }
        }
        Err(error) => {
            let is_deferred = wants_more_time(cx, error);
            count_failure(before, error, is_deferred, cx.now(), fleet, outcome);
        }
    }
}

/// Keeps what the result says about the app's client credentials: Webex took them, or refused them.
fn note_credentials(app: &AppName, result: &Result<RenewalOutcome, BrokerError>, outcome: &mut SweepOutcome) {
    let seen = match result {
        Ok(RenewalOutcome::Renewed(_) | RenewalOutcome::Minted(_)) => {
            AppCredentials { state: CredentialState::Ok, ..AppCredentials::unknown() }
        }
        Err(BrokerError::Webex(error) | BrokerError::RefreshTokenFinished(error)) => credentials::verdict(error),
        Ok(_) | Err(_) => return,
    };
    if seen.state != CredentialState::Unknown {
        outcome.credentials.insert(app.clone(), seen);
    }
}

/// Every failure is listed. An active grant is then failing and a pending one still pending; any other, and one that
/// only needs more time than this sweep has, is left to the next sweep.
fn count_failure(
    before: &Grant,
    error: &BrokerError,
    is_deferred: bool,
    now: Timestamp,
    fleet: &mut Fleet,
    outcome: &mut SweepOutcome,
) {
    outcome.add_failure(FailureLine::of(before.id.app.as_str(), before.id.subject.as_str(), error));
    outcome.count_code(&before.id.app, error);
    let counts_by_state = matches!(before.state, State::Active | State::Pending);
    if is_deferred || !counts_by_state {
        outcome.defer(&before.id.app);
    } else if before.state == State::Active {
        let failure = Failure::after(before.failure.as_ref(), 0, error.code(), error.tracking_id(), now);
        fleet.replace(before, before.failing(failure), now);
    }
}
