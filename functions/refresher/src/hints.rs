//! Hints: what Webex's events say about grants, from invocations and from the queue.

use broker_core::backoff::Backoff;
use broker_core::broker::{BrokerError, Invocation};
use broker_core::clock::{Clock, Deadline};
use broker_core::grant::State;
use broker_core::port::StoreError;
use jiff::SignedDuration;
use serde_json::Value;

use crate::alias::Alias;
use crate::answer::{self, CommandFailure};
use crate::command::Hint;
use crate::incoming::QueueMessage;
use crate::metrics;
use crate::refresher::Refresher;

/// The waits before a hint is tried again while the store is unavailable.
const HINT_BACKOFF: Backoff = Backoff::new(SignedDuration::from_secs(1), SignedDuration::from_secs(8));

impl<C: Clock> Refresher<C> {
    /// Records a hint and acts on it. While the store is unavailable, the hint is tried again until the deadline: Lambda
    /// repeats a failed asynchronous invocation only twice.
    pub(crate) async fn hint(&self, invocation: &Invocation, hint: &Hint) -> Result<State, CommandFailure> {
        let mut attempt = 0;
        let result = loop {
            // Boxed for the same reason as in `perform`.
            let result = Box::pin(self.try_hint(invocation, hint)).await;
            let wait = HINT_BACKOFF.wait(attempt);
            let may_wait = invocation.deadline.allows(self.clock().now(), wait);
            if !matches!(result, Err(BrokerError::Store(StoreError::Unavailable { .. }))) || !may_wait {
                break result;
            }
            self.clock().sleep(wait).await;
            attempt += 1;
        };
        metrics::changes(&self.metrics, self.clock().now(), &invocation.changes());
        result.map_err(|error| CommandFailure::of_hint(&error, self.clock().now()))
    }

    async fn try_hint(&self, invocation: &Invocation, hint: &Hint) -> Result<State, BrokerError> {
        match hint {
            Hint::Reconcile(request) => self.broker.reconcile(invocation, request).await,
            Hint::Fence(id) => self.broker.fence(invocation, id).await,
        }
    }

    /// Performs the hints in messages of the queue, one after the other, each within an equal share of the time that is
    /// left. A message whose hint fails for whatever reason stays in the queue.
    pub(crate) async fn consume(&self, alias: Alias, messages: &[QueueMessage], deadline: Deadline) -> Value {
        let mut kept = Vec::new();
        for (index, message) in messages.iter().enumerate() {
            let now = self.clock().now();
            let waiting = i32::try_from(messages.len() - index).unwrap_or(i32::MAX);
            let share = Deadline::at(now + deadline.left(now) / waiting);
            if let Err(failure) = self.consume_one(alias, message, share).await {
                failure.log_kept_message(&message.id);
                kept.push(message.id.clone());
            }
        }
        answer::batch(&kept)
    }

    async fn consume_one(
        &self,
        alias: Alias,
        message: &QueueMessage,
        deadline: Deadline,
    ) -> Result<State, CommandFailure> {
        if alias != Alias::Unqualified {
            return Err(CommandFailure::not_allowed());
        }
        let hint = message.hint().map_err(CommandFailure::answered)?;
        let invocation = Invocation::until(deadline);
        let result = self.hint(&invocation, &hint).await;
        self.send_events(&invocation).await;
        result
    }
}
