//! Changes and notices on Amazon EventBridge.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use broker_core::backoff::Backoff;
use broker_core::clock::{Clock, Deadline};
use broker_core::port::{BusEvent, Events};
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

/// The `source` of all events.
const SOURCE: &str = "webex-token-broker";

/// Events in one call: the most that the service takes.
const BATCH: usize = 10;

/// Calls at once. A sweep during an outage of Webex may send an event for each grant.
const AT_ONCE: usize = 4;

/// Time for all attempts together. A bus that does not answer must not use up the time of a renewal.
const LONGEST: SignedDuration = SignedDuration::from_secs(5);

/// Time for one call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// The waits between attempts at what the bus has not taken.
const BACKOFF: Backoff = Backoff::new(SignedDuration::from_millis(200), SignedDuration::from_secs(1));

/// Attempts at each event.
const ATTEMPTS: u32 = 3;

/// The event bus of the deployment, if it has one.
pub(crate) struct EventBus<C> {
    bus: Option<Bus>,
    clock: C,
}

struct Bus {
    client: Client,
    /// The name or the ARN.
    name: String,
}

/// An event that the bus did not take.
struct Unsent {
    event: BusEvent,
    /// The code of the error.
    code: String,
}

impl<C: Clock> EventBus<C> {
    /// The bus `name`. Without a name no client is built, and nothing is sent.
    pub(crate) fn new(sdk: &SdkConfig, name: Option<String>, clock: C) -> Self {
        let bus = name.map(|name| Bus { client: client(sdk), name });
        Self { bus, clock }
    }
}

fn client(sdk: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    let builder = Builder::from(sdk).retry_config(RetryConfig::disabled()).timeout_config(timeouts);
    Client::from_conf(builder.build())
}

impl<C: Clock> Events for EventBus<C> {
    fn is_on(&self) -> bool {
        self.bus.is_some()
    }

    async fn send(&self, events: &[BusEvent], deadline: Deadline) -> u32 {
        let Some(bus) = &self.bus else { return 0 };
        let deadline = deadline.min(Deadline::at(self.clock.now() + LONGEST));
        let mut waiting = events.to_vec();
        let mut attempt = 0;
        loop {
            let unsent = self.attempt(bus, waiting, deadline).await;
            let Some(Unsent { code, .. }) = unsent.first() else { return 0 };
            let wait = BACKOFF.wait(attempt);
            attempt += 1;
            if attempt == ATTEMPTS || !deadline.allows(self.clock.now(), wait) {
                let count = unsent.len();
                tracing::error!(
                    outcome = "events_not_sent",
                    code,
                    count,
                    "{count} events were not sent to the event bus {}; the records hold what has changed",
                    bus.name
                );
                return u32::try_from(count).unwrap_or(u32::MAX);
            }
            self.clock.sleep(wait).await;
            waiting = unsent.into_iter().map(|unsent| unsent.event).collect();
        }
    }
}

impl<C: Clock> EventBus<C> {
    /// Sends each event once, in batches. Returns those that the bus did not take.
    async fn attempt(&self, bus: &Bus, events: Vec<BusEvent>, deadline: Deadline) -> Vec<Unsent> {
        let batches: Vec<Vec<BusEvent>> = events.chunks(BATCH).map(<[BusEvent]>::to_vec).collect();
        let put = |batch| async move {
            if deadline.left(self.clock.now()).is_zero() {
                return all_unsent(batch, "timed_out");
            }
            bus.put(batch).await
        };
        stream::iter(batches).map(put).buffer_unordered(AT_ONCE).concat().await
    }
}

impl Bus {
    /// Calls `PutEvents`, which may take some entries of a batch and refuse others.
    async fn put(&self, batch: Vec<BusEvent>) -> Vec<Unsent> {
        let entries = batch.iter().map(|event| self.entry(event)).collect();
        let output = match self.client.put_events().set_entries(Some(entries)).send().await {
            Ok(output) => output,
            Err(error) => return all_unsent(batch, error.code().unwrap_or("unreachable")),
        };
        let mut unsent = Vec::new();
        for (event, result) in batch.into_iter().zip(output.entries()) {
            if let Some(code) = result.error_code() {
                unsent.push(Unsent { event, code: code.to_owned() });
            }
        }
        unsent
    }

    fn entry(&self, event: &BusEvent) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.detail_type)
            .detail(&event.detail)
            .time(DateTime::from_millis(event.at.as_millisecond()))
            .build()
    }
}

fn all_unsent(batch: Vec<BusEvent>, code: &str) -> Vec<Unsent> {
    batch.into_iter().map(|event| Unsent { event, code: code.to_owned() }).collect()
}
