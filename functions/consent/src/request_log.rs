//! The log line of a request.

use broker_core::error::chain;
use broker_core::id::GrantId;
use lambda_http::http::StatusCode;

use crate::error::Error;

/// What the log says about a request beside its result.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    app: Option<String>,
    subject: Option<String>,
    /// Whether the request is of a person who came by a link.
    pub(crate) is_guest: bool,
    /// Names the result of a request that succeeds.
    pub(crate) outcome: &'static str,
}

impl RequestLog {
    /// Names the grant that the request is about.
    pub(crate) fn set_grant(&mut self, id: &GrantId) {
        self.app = Some(id.app.to_string());
        self.subject = Some(id.subject.to_string());
    }

    /// The field `by_link`, which only requests of people who came by a link have.
    fn by_link(&self) -> Option<bool> {
        if self.is_guest { Some(true) } else { None }
    }

    /// Logs a request that succeeded.
    pub(crate) fn answered(self, duration_ms: i64) {
        let by_link = self.by_link();
        let Self { app, subject, outcome, .. } = self;
        tracing::info!(outcome, app, subject, by_link, duration_ms, "answered");
    }

    /// Logs a request that failed: an error if the deployment must be repaired, else a warning, because anybody on the
    /// internet can cause it.
    pub(crate) fn refused(self, error: &Error, status: StatusCode, duration_ms: i64) {
        let by_link = self.by_link();
        let Self { app, subject, .. } = self;
        let outcome = error.outcome();
        let reason = chain(error);
        let tracking_id = error.tracking_id();
        if status.is_server_error() {
            tracing::error!(
                outcome,
                reason,
                app,
                subject,
                by_link,
                webex.tracking_id = tracking_id,
                duration_ms,
                "refused"
            );
        } else {
            tracing::warn!(
                outcome,
                reason,
                app,
                subject,
                by_link,
                webex.tracking_id = tracking_id,
                duration_ms,
                "refused"
            );
        }
    }
}
