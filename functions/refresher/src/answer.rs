//! The answers of the refresher.

use broker_core::broker::{BrokerError, DevicePolled, Exchanged, FailureLine, SweepReport};
use broker_core::grant::State;
use broker_core::port::{DeviceAuthorization, StoreError};
use broker_core::request::CommandError;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::{Value, json};

/// Seconds between two polls of the device flow where Webex sets none (RFC 8628 section 3.2).
const DEFAULT_POLL_INTERVAL: i64 = 5;

/// A command that failed.
pub(crate) struct CommandFailure {
    error: CommandError,
    fails_invocation: bool,
}

impl CommandFailure {
    /// Answers `{"error":…}`.
    pub(crate) fn answered(error: CommandError) -> Self {
        Self { error, fails_invocation: false }
    }

    /// The sender may not give this command.
    pub(crate) fn not_allowed() -> Self {
        let detail =
            "this alias of the refresher does not take the command; operators invoke the function without an alias";
        Self::answered(CommandError {
            code: "not_allowed".to_owned(),
            detail: detail.to_owned(),
            tracking_id: None,
            retry_after: None,
        })
    }

    /// The failure of a sweep that could do nothing. It fails the invocation, which an alarm counts.
    pub(crate) fn of_sweep(error: &BrokerError, now: Timestamp) -> Self {
        Self { error: error.command_error(now), fails_invocation: true }
    }

    /// The failure of a hint. If nothing was recorded and another attempt may succeed, it fails the invocation, so that
    /// Lambda keeps the hint.
    pub(crate) fn of_hint(error: &BrokerError, now: Timestamp) -> Self {
        let fails_invocation = match error {
            BrokerError::Store(StoreError::TooLarge { .. } | StoreError::Unreadable(_)) => false,
            BrokerError::Store(_) | BrokerError::Contended(_) | BrokerError::WriteBudget { .. } => true,
            _ => false,
        };
        Self { error: error.command_error(now), fails_invocation }
    }

    /// Makes the failure fail the invocation: an answer would count as a success and delete the dead letter.
    pub(crate) fn of_dead_letter(self) -> Self {
        Self { fails_invocation: true, ..self }
    }

    /// Logs the failure of a message that stays in its queue.
    pub(crate) fn log_kept_message(&self, message_id: &str) {
        let CommandError { code, detail, .. } = &self.error;
        tracing::error!(outcome = "failed", code, message_id, "the message stays in the queue: {detail}");
    }
}

/// The answer to a test of the notices.
pub(crate) fn notice_sent() -> Value {
    json!({"sent": true})
}

/// Why a test notice was not sent: the bus took fewer events than it was given, or there is no bus.
pub(crate) fn notice_not_sent(events_not_sent: u32) -> CommandError {
    let (code, detail) = if events_not_sent == 0 {
        ("no_event_bus", "EVENT_BUS is not set: set the parameter EventBus of the stack")
    } else {
        ("events_not_sent", "the event bus did not take the notice; the log of the refresher has the reason")
    };
    CommandError { code: code.to_owned(), detail: detail.to_owned(), tracking_id: None, retry_after: None }
}

/// The result of an invocation: the answer, `{"error":…}`, or a failed invocation.
pub(crate) fn into_lambda_result(result: Result<Value, CommandFailure>) -> Result<Value, Diagnostic> {
    match result {
        Ok(answer) => Ok(answer),
        Err(failure) if failure.fails_invocation => {
            let CommandError { code, detail, .. } = failure.error;
            tracing::error!(outcome = "failed", code, "{detail}");
            Err(Diagnostic { error_type: code, error_message: detail })
        }
        Err(failure) => {
            let error = failure.error;
            let tracking_id = error.tracking_id.as_deref();
            tracing::warn!(outcome = "refused", code = error.code, webex.tracking_id = tracking_id, "{}", error.detail);
            Ok(json!({ "error": error }))
        }
    }
}

/// Fails the invocation for an event that the function does not handle.
pub(crate) fn unsupported_event(detail: &str) -> Diagnostic {
    tracing::error!(outcome = "failed", code = "unsupported_event", "{detail}");
    Diagnostic { error_type: "unsupported_event".to_owned(), error_message: detail.to_owned() }
}

/// The partial batch response of an SQS event source: the messages that stay in the queue.
pub(crate) fn batch(failed_ids: &[String]) -> Value {
    let failures: Vec<_> = failed_ids.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    json!({ "batchItemFailures": failures })
}

/// An answer that serialises as it is.
pub(crate) fn to_json(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

/// `{"state":…}`.
pub(crate) fn state(state: State) -> Value {
    json!({ "state": state })
}

/// `{"state","expires_at","scope"}`, and the access token if it may be shown.
pub(crate) fn exchanged(exchanged: Exchanged) -> Value {
    let pair = exchanged.grant.pair.as_ref();
    let mut answer = json!({
        "state": exchanged.grant.state,
        "expires_at": pair.map(|pair| pair.access_token_expires_at),
        "scope": pair.and_then(|pair| pair.scope.as_deref()),
    });
    if let Some(org) = pair.and_then(|pair| pair.access_token.org_suffix()) {
        answer["org"] = org.to_string().into();
    }
    if let Some(token) = exchanged.shown {
        answer["access_token"] = token.expose().into();
    }
    answer
}

/// The codes of RFC 8628 section 3.2, as Webex issued them. The device code is worth nothing without the client secret,
/// which the refresher keeps.
pub(crate) fn device_started(started: &DeviceAuthorization) -> Value {
    let interval = match started.interval {
        Some(interval) => interval.as_secs(),
        None => DEFAULT_POLL_INTERVAL,
    };
    json!({
        "device_code": started.device_code.expose(),
        "user_code": started.user_code,
        "verification_uri": started.verification_uri,
        "verification_uri_complete": started.verification_uri_complete,
        "expires_in": started.expires_in.as_secs(),
        "interval": interval,
    })
}

/// `{"state":"pending","slow_down"}`, or the same as after an exchange.
pub(crate) fn device_polled(polled: DevicePolled) -> Value {
    match polled {
        DevicePolled::Waiting { slow_down } => json!({ "state": State::Pending, "slow_down": slow_down }),
        DevicePolled::Granted(granted) => exchanged(*granted),
    }
}

/// The failure that a sweep lists if it cannot use the `webhook_url` of its command.
pub(crate) fn refused_webhook_url(reason: &str) -> FailureLine {
    tracing::error!(
        outcome = "refused",
        code = "invalid_request",
        "the webhook_url of the sweep is not used: {reason}"
    );
    FailureLine {
        app: "webhook_url".to_owned(),
        subject: String::new(),
        code: "invalid_request".to_owned(),
        tracking_id: None,
        reason: format!("the webhook_url of the sweep is not used: {reason}"),
    }
}

/// The counts of a sweep in one sentence.
pub(crate) fn summary(report: &SweepReport) -> String {
    format!(
        "swept {} grants: {} renewed, {} minted, {} retired, {} failing, {} pending, {} deferred, {} unreadable",
        report.scanned,
        report.renewed,
        report.minted,
        report.retired,
        report.failing,
        report.pending,
        report.deferred,
        report.unreadable
    )
}
