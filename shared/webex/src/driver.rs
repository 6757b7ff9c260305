//! One call: as many attempts as the policy and the deadline allow.

use broker_core::clock::{Clock, Deadline};
use broker_core::port::WebexError;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::api::WebexApi;
use crate::call::Call;
use crate::failure::{self, Failure};
use crate::hold::Held;
use crate::http::{REQUEST_TIME_OUT, Reply};
use crate::read::{self, Reader};
use crate::retry::{self, How, SHORTEST_ATTEMPT};

/// How often one attempt lets itself be held back anew by what other calls were told, before it gives up.
const MAX_HOLDS: u32 = 8;

impl<C: Clock> WebexApi<C> {
    /// Sends `call` until it succeeds and reads the answer.
    pub(crate) async fn ask<T>(&self, call: &Call<'_>, deadline: Deadline, reader: Reader<T>) -> Result<T, WebexError> {
        let reply = self.reply(call, deadline).await?;
        read::body(call, &reply, reader)
    }

    /// Sends `call` until it succeeds, or cannot, or may not any more.
    pub(crate) async fn reply(&self, call: &Call<'_>, deadline: Deadline) -> Result<Reply, WebexError> {
        let (mut attempt, mut last) = (1, None);
        loop {
            // What Webex said before tells the caller more than that there was no time to ask again.
            let permission = self.wait_for_permission(call, deadline).await;
            permission.map_err(|refusal| last.take().unwrap_or(refusal))?;
            let Failure { how, error } = match self.attempt(call, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let wait = retry::after(how, call.repeat, attempt).map(retry::Wait::draw);
            let fits = |wait: &_| deadline.allows(self.clock.now(), *wait + SHORTEST_ATTEMPT);
            let Some(wait) = wait.filter(fits) else {
                return Err(error);
            };
            tracing::warn!(
                operation = call.operation,
                webex.code = error.code(),
                webex.tracking_id = error.tracking_id,
                attempt,
                wait_ms = milliseconds(wait),
                "Webex did not do it; asking again"
            );
            self.clock.sleep(wait).await;
            attempt += 1;
            last = Some(error);
        }
    }

    /// Waits while Webex holds the sender back, if the deadline has the time for that and for an attempt.
    async fn wait_for_permission(&self, call: &Call<'_>, deadline: Deadline) -> Result<(), WebexError> {
        for _ in 0..MAX_HOLDS {
            let now = self.clock.now();
            let Some(held) = self.hold.at(call.sender, now) else {
                let has_time = deadline.allows(now, SHORTEST_ATTEMPT);
                return has_time.then_some(()).ok_or_else(|| failure::no_time(call.operation));
            };
            let wait = held.until.duration_since(now);
            if !deadline.allows(now, wait + SHORTEST_ATTEMPT) {
                return Err(failure::held(call.operation, held, now));
            }
            self.clock.sleep(wait).await;
        }
        let now = self.clock.now();
        let held = self.hold.at(call.sender, now);
        held.map_or(Ok(()), |held| Err(failure::held(call.operation, held, now)))
    }

    /// Sends `call` once, within the time that is left.
    async fn attempt(&self, call: &Call<'_>, deadline: Deadline) -> Result<Reply, Failure> {
        let began = self.clock.now();
        let time_out = deadline.left(began).min(REQUEST_TIME_OUT).unsigned_abs();
        let sent = format!("WTB_{}", Uuid::new_v4());
        let outcome = self.http.send(call, &sent, time_out).await;
        let now = self.clock.now();
        let (status, tracking_id) = match &outcome {
            Ok(reply) => (Some(reply.status), failure::header_tracking_id(call, reply)),
            Err(_) => (None, None),
        };
        tracing::debug!(
            operation = call.operation,
            status,
            webex.tracking_id = tracking_id.as_deref().unwrap_or(&sent),
            duration_ms = milliseconds(now.duration_since(began)),
            "asked Webex"
        );
        match outcome {
            Ok(reply) if (200..300).contains(&reply.status) => Ok(reply),
            Ok(reply) => Err(self.refused(call, failure::answered(call, &reply, now), now)),
            Err(lost) => Err(failure::lost(call, &lost, sent)),
        }
    }

    /// Lets a 429 hold back all calls of its sender.
    fn refused(&self, call: &Call<'_>, failure: Failure, now: Timestamp) -> Failure {
        if let How::Answered { status: 429, retry_after: Some(wait) } = failure.how {
            let held = Held { until: now + wait, tracking_id: failure.error.tracking_id.clone() };
            self.hold.set(call.sender, held, now);
        }
        failure
    }
}

/// As a log field, which has no 128 bits.
fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
