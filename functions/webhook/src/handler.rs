//! One delivery, from the raw bytes to the refresher.

use std::sync::Arc;

use aws_config::SdkConfig;
use broker_core::app::WebhookSecrets;
use broker_core::clock::Clock;
use broker_core::error::chain;
use broker_core::event::{Delivery, Expected};
use broker_core::id::{AppName, GrantId};
use broker_core::port::AppEvent;
use broker_core::request::{Reconcile, RefresherRequest};
use broker_core::signature::SignatureError;
use jiff::SignedDuration;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::clock::elapsed_ms;
use lambda_kit::http_function::{self, HttpFunction};
use lambda_kit::metrics::{Metric, Metrics, NO_APP};
use lambda_kit::problem::Problem;
use lambda_kit::refresher::RefresherClient;
use secrets::{CachedKeys, SecretsManagerStore};
use serde_json::json;

use crate::delivery::{addressed, explains};
use crate::{Refusal, Settings};

/// The function's time-out where the runtime does not say it.
const CONFIGURED_TIME_OUT: SignedDuration = SignedDuration::from_secs(30);
/// The most that a hand-over may take. Lambda's queue needs milliseconds; `cargo lambda watch`, which has none, as long
/// as the refresher.
const HAND_OVER_TIME_OUT: SignedDuration = SignedDuration::from_secs(20);
/// What is kept of an invocation's time for the answer.
const RESERVE: SignedDuration = SignedDuration::from_millis(500);

/// The function.
pub struct Webhook<C: Clock> {
    keys: CachedKeys<SecretsManagerStore<C>, C>,
    refresher: RefresherClient,
    allow_envelope_org: bool,
    clock: C,
    metrics: Metrics,
}

/// A delivery that was signed for an app of ours.
struct Signed {
    app: AppName,
    delivery: Delivery,
}

/// How a signed delivery ended.
enum Taken {
    HandedOver(GrantId, AppEvent),
    Ignored(AppName, &'static str),
}

/// A refusal, and the app that it was addressed to.
struct Refused {
    app: Option<AppName>,
    why: Refusal,
}

impl<C: Clock> Webhook<C> {
    /// The function over the AWS that `sdk` leads to. Nothing is called yet.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Self {
        let store = SecretsManagerStore::new(secrets::client(sdk.into()), settings.secret_prefix, clock.clone());
        Self {
            keys: CachedKeys::new(store, settings.cache_ttl, clock.clone()),
            refresher: RefresherClient::new(sdk, settings.refresher_function),
            allow_envelope_org: settings.allow_envelope_org,
            clock,
            metrics,
        }
    }

    /// Answers one delivery, counts it, and leaves one line in the log.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let started = self.clock.now();
        let taken = self.take(&request).await;
        let duration_ms = elapsed_ms(started, self.clock.now());
        match taken {
            Ok(Taken::HandedOver(id, event)) => {
                let (app, subject, outcome) = (id.app.as_str(), id.subject.as_str(), event.as_str());
                tracing::info!(outcome, app, subject, duration_ms, "handed over to the refresher");
                self.metrics.record(app, started, &[(Metric::WebhookAccepted, 1)]);
                http_function::json(StatusCode::ACCEPTED, &json!({"event": outcome, "subject": subject}))
            }
            Ok(Taken::Ignored(app, reason)) => {
                let app = app.as_str();
                tracing::info!(outcome = "ignored", reason, app, duration_ms, "signed, but nothing to do");
                http_function::json(StatusCode::OK, &json!({"ignored": reason}))
            }
            Err(refused) => self.refuse(&refused, duration_ms),
        }
    }

    fn refuse(&self, refused: &Refused, duration_ms: i64) -> Response<Body> {
        let problem = Problem::from(&refused.why);
        let app = refused.app.as_ref().map(AppName::as_str);
        let (outcome, reason) = (refused.why.outcome(), chain(&refused.why));
        // What is ours to repair is an error; what a stranger can cause is not.
        if problem.kind.status().is_server_error() {
            tracing::error!(outcome, reason, app, duration_ms, "refused");
        } else {
            tracing::warn!(outcome, reason, app, duration_ms, "refused");
        }
        let counted = app.filter(|_| refused.why.is_about_an_app()).unwrap_or(NO_APP);
        self.metrics.record(counted, self.clock.now(), &[(Metric::WebhookRefused, 1)]);
        problem.into_response()
    }

    async fn take(&self, request: &Request) -> Result<Taken, Refused> {
        let Signed { app, delivery } = self.believe(request).await?;
        let (event, org, authorized_at) = match delivery {
            Delivery::Ignored { reason } => return Ok(Taken::Ignored(app, reason)),
            Delivery::About { event, org, authorized_at } => (event, org, authorized_at),
        };
        let id = GrantId::new(app, org.into());
        let message = match event {
            AppEvent::Authorized => RefresherRequest::Reconcile(Reconcile { id: id.clone(), authorized_at }),
            AppEvent::Deauthorized => RefresherRequest::Fence(id.clone()),
        };
        let now = self.clock.now();
        let left = http_function::deadline(request, now, CONFIGURED_TIME_OUT).keeping(RESERVE).left(now);
        match self.refresher.hand_over(&message, left.min(HAND_OVER_TIME_OUT)).await {
            Ok(()) => Ok(Taken::HandedOver(id, event)),
            Err(error) => Err(Refused { app: Some(id.app), why: Refusal::NotHandedOver(error) }),
        }
    }

    /// The delivery, if it is one of Webex's: path, method, size, app, signature over the raw body, and only then its
    /// content.
    async fn believe(&self, request: &Request) -> Result<Signed, Refused> {
        let app = addressed(request).map_err(|why| Refused { app: None, why })?;
        let keys = match self.keys.keys(&app).await {
            Ok(keys) => keys.ok_or(Refusal::NoSuchApp),
            Err(error) => Err(Refusal::NoSecrets(error)),
        };
        let verified = match keys {
            Ok(keys) => self.verify(&app, keys, request).await.map_err(Refusal::Signature),
            Err(why) => Err(why),
        };
        match verified {
            Ok(keys) => self.read(app, &keys, request),
            Err(why) => Err(Refused { app: Some(app), why }),
        }
    }

    fn read(&self, app: AppName, keys: &WebhookSecrets, request: &Request) -> Result<Signed, Refused> {
        let expected =
            Expected { application_id: keys.application_id.as_ref(), allow_envelope_org: self.allow_envelope_org };
        match Delivery::parse(request.body(), expected) {
            Ok(delivery) => Ok(Signed { app, delivery }),
            Err(error) => Err(Refused { app: Some(app), why: Refusal::Event(error) }),
        }
    }

    /// The keys that explain the signature: those in the cache, else those that a fresh read finds.
    async fn verify(
        &self,
        app: &AppName,
        keys: Arc<WebhookSecrets>,
        request: &Request,
    ) -> Result<Arc<WebhookSecrets>, SignatureError> {
        match explains(&keys, request) {
            Err(SignatureError::Wrong) => {}
            decided => return decided.map(|()| keys),
        }
        // The operator may have rotated the secret a moment ago. A store that is down does not make it right.
        match self.keys.reread(app).await {
            Some(fresh) => explains(&fresh, request).map(|()| fresh),
            None => Err(SignatureError::Wrong),
        }
    }
}

impl<C: Clock> HttpFunction for Webhook<C> {
    async fn handle(&self, request: Request) -> Response<Body> {
        self.handle(request).await
    }
}
