//! Handles one delivery, from the raw bytes to the queue of the refresher.

use std::sync::Arc;

use aws_config::SdkConfig;
use broker_core::app::WebhookSecrets;
use broker_core::clock::Clock;
use broker_core::error::chain;
use broker_core::event::{Delivery, Expected};
use broker_core::id::{AppName, GrantId};
use broker_core::port::{AppEvent, Store as _};
use broker_core::request::{Reconcile, RefresherRequest};
use broker_core::signature::SignatureError;
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::base_path::BasePath;
use lambda_kit::clock::elapsed_ms;
use lambda_kit::http_function::{self, HttpFunction};
use lambda_kit::metrics::{Metric, Metrics, NO_APP};
use lambda_kit::problem::Problem;
use lambda_kit::refresher::RefresherClient;
use secrets::{CachedWebhookSecrets, SecretsManagerStore};
use serde_json::json;

use crate::delivery::{addressed_app, check_signature_form, verify_signature};
use crate::error::Error;
use crate::settings::Settings;

/// The function's time-out where the runtime sets no plausible deadline.
const TIME_OUT: SignedDuration = SignedDuration::from_secs(30);
/// Longest time for queueing an event. Lambda's queue takes milliseconds; `cargo lambda watch` has no queue and takes as
/// long as the refresher.
const QUEUE_TIME_OUT: SignedDuration = SignedDuration::from_secs(20);
/// Time of an invocation that is kept back for the answer.
const RESERVE: SignedDuration = SignedDuration::from_millis(500);
/// The name for which a start asks.
const NO_APP_YET: &str = "none";

/// The webhook function.
pub struct Webhook<C: Clock> {
    /// In a box, as only a start uses it.
    store: Box<SecretsManagerStore<C>>,
    secrets: CachedWebhookSecrets<SecretsManagerStore<C>, C>,
    refresher: RefresherClient,
    base_path: BasePath,
    allow_envelope_org: bool,
    clock: C,
    metrics: Metrics,
}

/// What was done with a signed delivery.
enum DeliveryOutcome {
    /// With what the event is about.
    Queued(GrantId, &'static str),
    /// With the reason.
    Ignored(&'static str),
}

impl<C: Clock> Webhook<C> {
    /// Creates the function with AWS clients that `sdk` configures, without a call to AWS.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Self {
        let store = SecretsManagerStore::new(secrets::client(sdk.into()), settings.secret_prefix, clock.clone());
        Self {
            secrets: CachedWebhookSecrets::new(store.clone(), settings.cache_ttl, clock.clone()),
            store: Box::new(store),
            refresher: RefresherClient::new(sdk, settings.refresher_function),
            base_path: settings.base_path,
            allow_envelope_org: settings.allow_envelope_org,
            clock,
            metrics: metrics.of_stack(settings.metrics_stack),
        }
    }

    /// Answers one delivery, counts it, and logs it in one line.
    pub async fn handle(&self, mut request: Request) -> Response<Body> {
        let started = self.clock.now();
        self.base_path.strip(&mut request);
        let app = match addressed_app(&request) {
            Ok(app) => app,
            Err(error) => return self.refuse(None, &error, started),
        };
        match self.receive(&app, &request).await {
            Ok(DeliveryOutcome::Queued(id, outcome)) => {
                let (app, subject) = (id.app.as_str(), id.subject.as_str());
                let duration_ms = elapsed_ms(started, self.clock.now());
                tracing::info!(outcome, app, subject, duration_ms, "handed over to the refresher");
                self.metrics.record(app, started, &[(Metric::WebhookAccepted, 1)]);
                http_function::json(StatusCode::ACCEPTED, &json!({"event": outcome, "subject": subject}))
            }
            Ok(DeliveryOutcome::Ignored(reason)) => {
                let app = app.as_str();
                let duration_ms = elapsed_ms(started, self.clock.now());
                tracing::info!(outcome = "ignored", reason, app, duration_ms, "signed delivery ignored");
                http_function::json(StatusCode::OK, &json!({"ignored": reason}))
            }
            Err(error) => self.refuse(Some(&app), &error, started),
        }
    }

    fn refuse(&self, app: Option<&AppName>, error: &Error, started: Timestamp) -> Response<Body> {
        let problem = Problem::from(error);
        let app = app.map(AppName::as_str);
        let outcome = error.outcome();
        let reason = chain(error);
        let duration_ms = elapsed_ms(started, self.clock.now());
        // A failure of the deployment is an error; anybody can cause the others.
        if problem.kind.status().is_server_error() {
            tracing::error!(outcome, reason, app, duration_ms, "delivery refused");
        } else {
            tracing::warn!(outcome, reason, app, duration_ms, "delivery refused");
        }
        let counted_app = match app {
            Some(app) if error.concerns_known_app() => app,
            _ => NO_APP,
        };
        self.metrics.record(counted_app, self.clock.now(), &[(Metric::WebhookRefused, 1)]);
        problem.into_response()
    }

    /// Verifies the signature over the raw body, then parses the body, then queues the event.
    async fn receive(&self, app: &AppName, request: &Request) -> Result<DeliveryOutcome, Error> {
        check_signature_form(request).map_err(Error::UnreadableSignature)?;
        let secrets = self.verify(app, request).await?;
        let expected =
            Expected { application_id: secrets.application_id.as_ref(), allow_envelope_org: self.allow_envelope_org };
        match Delivery::parse(request.body(), expected).map_err(Error::InvalidEvent)? {
            Delivery::Ignored { reason } => Ok(DeliveryOutcome::Ignored(reason)),
            Delivery::DataSource { org } => {
                let id = GrantId::new(app.clone(), org.into());
                self.queue(&RefresherRequest::DataSources(id.clone()), request).await?;
                Ok(DeliveryOutcome::Queued(id, "data_source"))
            }
            Delivery::About { event, org, authorized_at } => {
                let id = GrantId::new(app.clone(), org.into());
                let command = match event {
                    AppEvent::Authorized => RefresherRequest::Reconcile(Reconcile { id: id.clone(), authorized_at }),
                    AppEvent::Deauthorized => RefresherRequest::Fence(id.clone()),
                };
                self.queue(&command, request).await?;
                Ok(DeliveryOutcome::Queued(id, event.as_str()))
            }
        }
    }

    /// Verifies the signature with the cached secrets and, if none matches, with those of a fresh read. Returns the
    /// secrets that matched.
    async fn verify(&self, app: &AppName, request: &Request) -> Result<Arc<WebhookSecrets>, Error> {
        let cached = self.secrets.get(app).await.map_err(Error::SecretsUnavailable)?;
        let Some(cached) = cached else {
            return Err(Error::UnknownApp);
        };
        if verify_signature(&cached.secrets, request).is_ok() {
            return Ok(cached);
        }
        // The operator may have rotated the secret a moment ago.
        let Some(fresh) = self.secrets.reread(app).await else {
            return Err(Error::InvalidSignature(SignatureError::Wrong));
        };
        verify_signature(&fresh.secrets, request).map_err(Error::InvalidSignature)?;
        Ok(fresh)
    }

    async fn queue(&self, command: &RefresherRequest, request: &Request) -> Result<(), Error> {
        let now = self.clock.now();
        let left = http_function::deadline(request, now, TIME_OUT).keeping(RESERVE).left(now);
        self.refresher.enqueue(command, left.min(QUEUE_TIME_OUT)).await.map_err(Error::NotQueued)
    }
}

impl<C: Clock> HttpFunction for Webhook<C> {
    async fn handle(&self, request: Request) -> Response<Body> {
        self.handle(request).await
    }

    /// Any call of the store opens its connection, and touches the code that the first delivery runs. This function knows no
    /// app before a delivery names one, so it asks for the secrets of a name that need not exist.
    async fn connect(&self) {
        if let Ok(app) = AppName::parse(NO_APP_YET) {
            let _ = self.store.webhook_secrets(&app).await;
        }
    }
}
