//! Sends one request as often as the retry policy and the deadline allow.

use broker_core::clock::{Clock, Deadline};
use broker_core::port::{WebexError, WebexErrorKind};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::api::WebexApi;
use crate::error::{self, FailedAttempt};
use crate::http::{REQUEST_TIME_OUT, RawResponse};
use crate::rate_limit_hold::RateLimitHold;
use crate::request::WebexRequest;
use crate::response::{self, BodyParser};
use crate::retry::{self, AttemptFailure, SHORTEST_ATTEMPT};

/// Most holds that one attempt waits for. Other requests may prolong a hold while this one waits.
const MAX_HOLDS: u32 = 8;

impl<C: Clock> WebexApi<C> {
    /// Sends `request`, with retries, and parses the body of the response.
    pub(crate) async fn call<T>(
        &self,
        request: &WebexRequest<'_>,
        deadline: Deadline,
        parser: BodyParser<T>,
    ) -> Result<T, WebexError> {
        let response = self.send(request, deadline).await?;
        response::parse(request, &response, parser)
    }

    /// Sends `request`, with retries, until the response has a status of 2xx.
    pub(crate) async fn send(&self, request: &WebexRequest<'_>, deadline: Deadline) -> Result<RawResponse, WebexError> {
        let mut attempt = 1;
        let mut last_error = None;
        loop {
            if let Err(error) = self.wait_for_hold(request, deadline).await {
                // The last answer of Webex tells the caller more than "there was no time left".
                return Err(last_error.unwrap_or(error));
            }
            let FailedAttempt { failure, error } = match self.attempt(request, deadline).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            let Some(delay) = retry::retry_delay(failure, request.resend, attempt) else {
                return Err(error);
            };
            let delay = delay.draw();
            if !deadline.allows(self.clock.now(), delay + SHORTEST_ATTEMPT) {
                return Err(error);
            }
            log_retry(&error, attempt, delay);
            self.clock.sleep(delay).await;
            attempt += 1;
            last_error = Some(error);
        }
    }

    /// Sends a `DELETE`, with retries. What does not exist is deleted already.
    pub(crate) async fn delete(&self, request: &WebexRequest<'_>, deadline: Deadline) -> Result<(), WebexError> {
        match self.send(request, deadline).await {
            Ok(response) if response.body.is_empty() => Ok(()),
            Ok(response) => Err(error::foreign_answer(request, &response, "a deletion has no body")),
            Err(error) if error.kind == WebexErrorKind::Answered(404) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Waits while a 429 holds the sender back. It is an error if the deadline leaves no time for the wait and an
    /// attempt.
    async fn wait_for_hold(&self, request: &WebexRequest<'_>, deadline: Deadline) -> Result<(), WebexError> {
        for _ in 0..MAX_HOLDS {
            let now = self.clock.now();
            let Some(hold) = self.holds.get(&request.sender, now) else {
                if deadline.allows(now, SHORTEST_ATTEMPT) {
                    return Ok(());
                }
                return Err(error::no_time(request.operation));
            };
            let wait = hold.until.duration_since(now);
            if !deadline.allows(now, wait + SHORTEST_ATTEMPT) {
                return Err(error::held(request.operation, hold, now));
            }
            self.clock.sleep(wait).await;
        }
        let now = self.clock.now();
        match self.holds.get(&request.sender, now) {
            Some(hold) => Err(error::held(request.operation, hold, now)),
            None => Ok(()),
        }
    }

    /// Sends `request` once, within the time that is left.
    async fn attempt(&self, request: &WebexRequest<'_>, deadline: Deadline) -> Result<RawResponse, FailedAttempt> {
        let started_at = self.clock.now();
        let time_out = deadline.left(started_at).min(REQUEST_TIME_OUT).unsigned_abs();
        let tracking_id = format!("WTB_{}", Uuid::new_v4());
        let result = self.transport.send(request, &tracking_id, time_out).await;
        let now = self.clock.now();
        log_attempt(request, result.as_ref().ok(), &tracking_id, now.duration_since(started_at));
        match result {
            Ok(response) if response.is_success() => Ok(response),
            Ok(response) => {
                let failed = error::from_response(request, &response, now);
                self.hold_sender(request, &failed, now);
                Err(failed)
            }
            Err(transport_error) => Err(error::from_transport(request, &transport_error, tracking_id)),
        }
    }

    /// Holds back all requests of the sender if the attempt ended with 429 and `Retry-After`.
    fn hold_sender(&self, request: &WebexRequest<'_>, failed: &FailedAttempt, now: Timestamp) {
        if let AttemptFailure::Status { status: 429, retry_after: Some(wait) } = failed.failure {
            let tracking_id = failed.error.tracking_id.clone();
            self.holds.set(&request.sender, RateLimitHold { since: now, until: now + wait, tracking_id });
        }
    }
}

/// Logs one attempt. Without a tracking id of Webex's the one of the request is logged: Webex may have logged it too.
fn log_attempt(request: &WebexRequest<'_>, response: Option<&RawResponse>, sent_id: &str, duration: SignedDuration) {
    let received_id = response.and_then(|response| error::tracking_id(request, response));
    tracing::debug!(
        operation = request.operation,
        status = response.map(|response| response.status),
        webex.tracking_id = received_id.as_deref().unwrap_or(sent_id),
        duration_ms = milliseconds(duration),
        "request to Webex"
    );
}

fn log_retry(error: &WebexError, attempt: u32, delay: SignedDuration) {
    tracing::warn!(
        operation = error.operation,
        webex.code = error.code(),
        webex.tracking_id = error.tracking_id,
        attempt,
        wait_ms = milliseconds(delay),
        "the request to Webex failed and will be sent again"
    );
}

/// Milliseconds in a type that a log field can hold.
fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
