//! The parts that every command uses.

use aws_config::SdkConfig;
use broker_core::broker::{Broker, Invocation};
use broker_core::clock::Clock;
use lambda_kit::metrics::Metrics;
use secrets::{GrantStore, PackedStore, SecretsManagerStore};
use webex::WebexApi;

use crate::event_bus::EventBus;
use crate::metrics;
use crate::settings::Settings;

/// The refresher.
pub struct Refresher<C: Clock> {
    pub(crate) broker: Broker<GrantStore<C>, WebexApi<C>, EventBus<C>, C>,
    pub(crate) webhook_url: Option<String>,
    pub(crate) metrics: Metrics,
}

impl<C: Clock> Refresher<C> {
    /// Creates the function with AWS clients that `sdk` configures, without a call to AWS.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Self {
        let secrets = SecretsManagerStore::new(secrets::client(sdk.into()), settings.secret_prefix, clock.clone())
            .with_key(settings.grant_kms_key);
        let store = PackedStore::new(secrets, clock.clone());
        let webex = WebexApi::new(settings.webex_api_base, clock.clone());
        let webhook_url = settings.rules.webhook_url.clone();
        let metrics = metrics.of_stack(settings.metrics_stack);
        let events = EventBus::new(sdk, settings.event_bus, clock.clone());
        Self { broker: Broker::new(store, webex, events, clock, settings.rules), webhook_url, metrics }
    }

    /// The clock of the function.
    pub fn clock(&self) -> &C {
        self.broker.clock()
    }

    /// Sends what the command has changed to the event bus. Its failure is counted, and never the command's.
    pub(crate) async fn send_events(&self, invocation: &Invocation) {
        self.broker.send_events(invocation).await;
        metrics::events_not_sent(&self.metrics, self.clock().now(), invocation.events_not_sent());
    }
}
