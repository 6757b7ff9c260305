//! Recording how an attempt to renew a grant ended.

use tracing::{info, warn};

use super::outcome::RenewalOutcome;
use crate::context::{Actor, Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Failure, State};
use crate::id::GrantId;
use crate::port::Stored;

/// Logs the result and writes down a failure where that is worth a version of the secret. `stored` is the record that
/// the attempt started from. Returns the failure, written down or not, if there is one that concerns the grant.
pub(crate) async fn record_result<P: Ports>(
    cx: &Context<'_, P>,
    stored: &Stored,
    result: &Result<RenewalOutcome, BrokerError>,
) -> Option<Failure> {
    log_result(cx, &stored.grant.id, result);
    match result {
        Ok(_) => None,
        Err(error) => save_failure(cx, stored, error).await,
    }
}

/// Logs the result in one line and notes the change for the metrics.
pub(crate) fn log_result<P: Ports>(cx: &Context<'_, P>, id: &GrantId, result: &Result<RenewalOutcome, BrokerError>) {
    match result {
        Ok(outcome) => {
            cx.memory.failures.clear(id);
            // A change was logged when it was written.
            if let Some(change) = outcome.change() {
                cx.invocation.record_change(&id.app, change);
            } else {
                info!(app = %id.app, subject = %id.subject, outcome = "adopted", "{id}: adopted");
            }
        }
        Err(error) => warn!(
            app = %id.app, subject = %id.subject, outcome = "failed", code = error.code(),
            webex.tracking_id = error.tracking_id(), "{id}: {}", error.words()
        ),
    }
}

/// Whether Webex asked for a wait that this invocation has no time for: nothing has failed, it only has to wait.
pub(crate) fn wants_more_time<P: Ports>(cx: &Context<'_, P>, error: &BrokerError) -> bool {
    match error.webex() {
        Some(webex) => match webex.retry_after {
            Some(wait) => !cx.webex_deadline().allows(cx.now(), wait),
            None => false,
        },
        None => false,
    }
}

/// A failure of the store has nowhere to be written, a wait is no failure, and a failure of a fenced grant changes
/// nothing.
async fn save_failure<P: Ports>(cx: &Context<'_, P>, stored: &Stored, error: &BrokerError) -> Option<Failure> {
    let grant = &stored.grant;
    let is_about_the_store = matches!(error, BrokerError::Store(_) | BrokerError::WriteBudget { .. });
    if is_about_the_store || grant.state == State::Fenced {
        return None;
    }
    let ends_a_claim = cx.actor == Actor::Caller && grant.renewing_since.is_some();
    if wants_more_time(cx, error) && !ends_a_claim {
        return None;
    }
    let remembered = cx.memory.failures.get(&grant.id);
    let before = grant.failure.as_ref();
    let failure = Failure::after(before, remembered, error.code(), error.tracking_id(), cx.now());
    cx.memory.failures.set(&grant.id, failure.attempts);
    if !ends_a_claim && !failure.is_worth_writing_over(before) {
        return Some(failure);
    }
    if let Err(error) = cx.records().replace(stored, grant.failing(failure.clone()), cx.actor.note_rank()).await {
        info!(app = %grant.id.app, subject = %grant.id.subject, "the failure was not written down: {error}");
    }
    Some(failure)
}
