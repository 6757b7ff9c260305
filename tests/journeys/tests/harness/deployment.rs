//! The deployment, and the requests that a test sends to it.

use broker_core::clock::Clock as _;
use consent::Consent;
use http::HeaderMap;
use jiff::SignedDuration;
use refresher::Refresher;
use serde_json::Value;
use simulator::webex::{Delivery, Event};
use simulator::{Clock, Options, Simulator};
use vend::Vend;
use webhook::Webhook;

use super::events::{addressed, answered, event, to_request};
use super::lambda::{self, Lambda};
use super::orgs::{App, DEVELOPER};
use super::{ManualClock, aws, log};

/// The simulator, the functions, and the stand-in for Lambda that connects them.
pub(crate) struct Deployment {
    pub(crate) sim: Simulator,
    pub(crate) lambda: Lambda,
    pub(crate) clock: ManualClock,
    pub(crate) webhook: Webhook<ManualClock>,
    pub(crate) vend: Vend<ManualClock>,
    sdk: aws_config::SdkConfig,
    environment: Vec<(String, String)>,
}

/// A response as a caller receives it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON; `null` if it is something else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The value of a header; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        match self.headers.get(name) {
            Some(value) => value.to_str().unwrap(),
            None => "",
        }
    }
}

impl Deployment {
    /// A deployment with the default configuration.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A deployment with these configuration variables.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        log::install();
        let clock = Clock::fixed("2026-11-21T12:00:00Z".parse().unwrap());
        let sim = Simulator::start(Options::new(clock.clone())).await.unwrap();
        sim.webex.add_developer(DEVELOPER);
        let (lambda, url) = Lambda::start().await;
        let sdk = aws::sdk(sim.secrets.endpoint_url(), url, sim.events.endpoint_url()).await;
        let mut environment: Vec<_> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        environment.push(("WEBEX_API_BASE".to_owned(), sim.webex.base_url()));
        let lookup = |name: &str| find(&environment, name);
        let clock = ManualClock(clock);
        let webhook = Webhook::new(webhook::Settings::read(&lookup).unwrap(), &sdk, clock.clone(), log::metrics());
        let vend = Vend::new(vend::Settings::read(&lookup).unwrap(), &sdk, clock.clone(), log::metrics());
        let world = Self { sim, lambda, clock, webhook, vend, sdk, environment };
        world.lambda.deploy(world.refresher());
        world
    }

    /// Deploys the refresher again with another value of a configuration variable.
    pub(crate) fn reconfigure(&mut self, variable: &str, value: &str) {
        self.environment.retain(|(name, _)| name != variable);
        self.environment.push((variable.to_owned(), value.to_owned()));
        self.lambda.deploy(self.refresher());
    }

    /// Another, cold environment of the refresher.
    pub(crate) fn refresher(&self) -> Refresher<ManualClock> {
        let settings = refresher::Settings::read(&|name| find(&self.environment, name)).unwrap();
        Refresher::new(settings, &self.sdk, self.clock.clone(), log::metrics())
    }

    /// Another environment of vend, with an empty cache.
    pub(crate) fn cold_vend(&self) -> Vend<ManualClock> {
        let settings = vend::Settings::read(&|name| find(&self.environment, name)).unwrap();
        Vend::new(settings, &self.sdk, self.clock.clone(), log::metrics())
    }

    /// The consent function, for this machine alone.
    pub(crate) fn consent(&self) -> Consent<ManualClock> {
        let settings = consent::Settings::read(&|name| find(&self.environment, name)).unwrap();
        Consent::new(settings, &self.sdk, self.clock.clone())
    }

    /// The configuration that leads to the simulator and the stand-in for Lambda.
    pub(crate) fn sdk(&self) -> &aws_config::SdkConfig {
        &self.sdk
    }

    /// Invokes the refresher and returns its answer, which may be an `error`. Panics if the invocation fails.
    pub(crate) async fn ask(&self, payload: Value) -> Value {
        self.lambda.run(payload).await.unwrap_or_else(|failed| panic!("the invocation failed: {failed}"))
    }

    /// Invokes the refresher with the event of the scheduler.
    pub(crate) async fn sweep(&self) -> Value {
        self.ask(event("scheduler")).await
    }

    /// A sweep in its own environment with a deadline `time_out` from now.
    pub(crate) async fn sweep_within(&self, time_out: SignedDuration) -> Value {
        lambda::run(&self.refresher(), event("sweep"), time_out).await.unwrap()
    }

    /// Posts an event to the webhook of `app`, signed as Webex signs it.
    pub(crate) async fn deliver(&self, app: &App, event: &Event) -> Answer {
        self.post(app.name, &event.signed(&app.secret)).await
    }

    /// Posts a delivery unchanged.
    pub(crate) async fn post(&self, app: &str, delivery: &Delivery) -> Answer {
        let mut posted = addressed(event("webhook"), "POST", &format!("/webhooks/{app}"), Some(&delivery.body));
        let headers = posted["headers"].as_object_mut().unwrap();
        headers.remove("x-spark-signature");
        headers.extend(delivery.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())));
        answered(self.webhook.handle(to_request(&posted)).await)
    }

    /// Calls vend as a role of the deployment's own account.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string().into_bytes());
        let called = addressed(event("vend-token"), method, path, body.as_deref());
        answered(self.vend.handle(to_request(&called)).await)
    }

    /// Fetches the access token of an org.
    pub(crate) async fn token(&self, app: &App, org: &str) -> Answer {
        self.call("GET", &format!("/v1/apps/{}/grants/{org}/token", app.name), None).await
    }

    /// Advances the clock of the simulator and of the functions.
    pub(crate) fn wait(&self, duration: SignedDuration) {
        self.sim.clock.advance(duration);
        assert_eq!(self.clock.now().as_second(), self.sim.clock.now().as_second());
    }
}

fn find(environment: &[(String, String)], name: &str) -> Option<String> {
    let (_, value) = environment.iter().find(|(known, _)| known == name)?;
    Some(value.clone())
}
