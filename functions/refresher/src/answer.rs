//! What the refresher says back.

use broker_core::broker::{BrokerError, DevicePolled, Exchanged, FailureLine, SweepReport};
use broker_core::grant::State;
use broker_core::port::{DeviceAuthorization, StoreError};
use broker_core::request::CommandError;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::{Value, json};

/// Seconds between two polls where Webex names none (RFC 8628 section 3.2).
const DEFAULT_INTERVAL: i64 = 5;

/// A request that failed.
pub(crate) struct Failed {
    refusal: CommandError,
    /// Whether nothing at all was done or noted, so that only another invocation can help.
    without_trace: bool,
    is_sweep: bool,
}

impl Failed {
    pub(crate) fn command(error: &BrokerError, now: Timestamp) -> Self {
        let without_trace = match error {
            BrokerError::Store(StoreError::TooLarge { .. } | StoreError::Unreadable(_)) => false, // again the same
            BrokerError::Store(_) | BrokerError::Contended(_) => true,
            _ => false,
        };
        Self { refusal: error.command_error(now), without_trace, is_sweep: false }
    }

    /// A sweep only errs if it could do nothing.
    pub(crate) fn sweep(error: &BrokerError, now: Timestamp) -> Self {
        Self { refusal: error.command_error(now), without_trace: true, is_sweep: true }
    }
}

/// The answer of the invocation: its result; or `{"error":…}`; or, where the request would otherwise be lost, a failed
/// invocation, which Lambda's queue repeats and an alarm can see.
pub(crate) fn told(result: Result<Value, Failed>, must_not_be_lost: bool) -> Result<Value, Diagnostic> {
    match result {
        Ok(value) => Ok(value),
        Err(failed) if failed.is_sweep || (must_not_be_lost && failed.without_trace) => {
            let CommandError { code, detail, .. } = failed.refusal;
            tracing::error!(outcome = "failed", code, "{detail}");
            Err(Diagnostic { error_type: code, error_message: detail })
        }
        Err(failed) => Ok(refused(&failed.refusal)),
    }
}

/// `{"error":…}`.
pub(crate) fn refused(refusal: &CommandError) -> Value {
    tracing::warn!(
        outcome = "refused",
        code = refusal.code,
        webex.tracking_id = refusal.tracking_id,
        "{}",
        refusal.detail
    );
    json!({ "error": refusal })
}

/// An answer that is what it is.
pub(crate) fn json(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

/// `{"state":…}`.
pub(crate) fn state(state: State) -> Value {
    json!({ "state": state })
}

/// `{"state","expires_at","scope"}`, and the access token where it may be shown.
pub(crate) fn exchanged(exchanged: Exchanged) -> Value {
    let pair = exchanged.grant.pair.as_ref();
    let mut answer = json!({
        "state": exchanged.grant.state,
        "expires_at": pair.map(|pair| pair.access_token_expires_at),
        "scope": pair.and_then(|pair| pair.scope.as_deref()),
    });
    if let Some(token) = exchanged.shown {
        answer["access_token"] = token.expose().into();
    }
    answer
}

/// RFC 8628 section 3.2, as Webex gave it. The device code is worth nothing without the client secret, which stays here.
pub(crate) fn device_started(started: &DeviceAuthorization) -> Value {
    json!({
        "device_code": started.device_code.expose(),
        "user_code": started.user_code,
        "verification_uri": started.verification_uri,
        "verification_uri_complete": started.verification_uri_complete,
        "expires_in": started.expires_in.as_secs(),
        "interval": started.interval.map_or(DEFAULT_INTERVAL, |interval| interval.as_secs()),
    })
}

/// As after an exchange; or `{"state":"pending","slow_down"}`.
pub(crate) fn device_polled(polled: DevicePolled) -> Value {
    match polled {
        DevicePolled::Waiting { slow_down } => json!({ "state": State::Pending, "slow_down": slow_down }),
        DevicePolled::Granted(granted) => exchanged(*granted),
    }
}

/// What a sweep says whose `webhook_url` is no URL.
pub(crate) fn unreadable_webhook_url() -> FailureLine {
    tracing::error!(
        outcome = "refused",
        code = "invalid_request",
        "the sweep's webhook_url must be an http or https URL without user, query or fragment"
    );
    let (app, subject, code) = ("webhook_url".to_owned(), String::new(), "invalid_request".to_owned());
    FailureLine {
        app,
        subject,
        code,
        tracking_id: None,
        reason: "the sweep's webhook_url must be an http or https URL without user, query or fragment".to_owned(),
    }
}

/// A sweep in one line.
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
