//! The function: one request, from its address to its page.

use std::fmt;

use aws_config::SdkConfig;
use broker_core::clock::Clock;
use broker_core::error::chain;
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::clock::elapsed_ms;
use lambda_kit::http_function::{self, HttpFunction};
use lambda_kit::refresher::RefresherClient;

use crate::catalogue::Catalogue;
use crate::choice::Choice;
use crate::cookie::Cookie;
use crate::flow::Ended;
use crate::gate::{self, Gate};
use crate::page::{self, Frame};
use crate::query::Parameters;
use crate::route::Route;
use crate::seal::Seal;
use crate::{Refusal, Settings, words};

/// The function's time-out where the runtime does not say it; API Gateway waits no longer either.
const CONFIGURED_TIME_OUT: SignedDuration = SignedDuration::from_secs(29);
/// What is kept of an invocation's time for the page.
const RESERVE: SignedDuration = SignedDuration::from_millis(500);

/// The function.
pub struct Consent<C: Clock> {
    pub(crate) catalogue: Catalogue,
    pub(crate) settings: Settings,
    pub(crate) seal: Seal,
    pub(crate) ended: Ended,
    pub(crate) refresher: RefresherClient,
    gate: Gate,
    version: String,
    clock: C,
}

/// What is said about a request in the log.
#[derive(Default)]
pub(crate) struct Story {
    app: Option<String>,
    subject: Option<String>,
    pub(crate) outcome: &'static str,
}

impl<C: Clock> Consent<C> {
    /// The function over the AWS that `sdk` leads to. Nothing is called yet.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C) -> Self {
        let gate = Gate::new(settings.key);
        Self {
            catalogue: Catalogue::read(),
            refresher: RefresherClient::new(sdk, settings.refresher_function.clone()),
            seal: gate.seal(),
            gate,
            ended: Ended::default(),
            version: crate::assets::version(),
            settings,
            clock,
        }
    }

    /// Answers one request, and leaves one line in the log.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let started = self.clock.now();
        let route = match Route::of(&request) {
            Ok(Route::Asset(asset)) => return asset.response(),
            route => route,
        };
        let is_back = matches!(route, Ok(Route::Callback));
        let mut story = Story::default();
        let answer = match route {
            Ok(route) => self.answer(route, &request, started, &mut story).await,
            Err(refusal) => Err(refusal),
        };
        let duration_ms = elapsed_ms(started, self.clock.now());
        let mut response = match answer {
            Ok(response) => {
                let Story { app, subject, outcome } = story;
                tracing::info!(outcome, app, subject, duration_ms, "answered");
                response
            }
            Err(refusal) => self.refuse(&refusal, &story, duration_ms),
        };
        if is_back {
            page::add_cookie(&mut response, Cookie::Flow.clear());
        }
        response
    }

    async fn answer(
        &self,
        route: Route,
        request: &Request,
        now: Timestamp,
        story: &mut Story,
    ) -> Result<Response<Body>, Refusal> {
        match route {
            Route::Key => self.unlock(request, now, story),
            Route::Callback => {
                self.gate.admit_back(request)?;
                self.come_back(request, now, story).await
            }
            _ => {
                self.gate.admit(request, &self.seal, now)?;
                self.inside(route, request, now, story).await
            }
        }
    }

    async fn inside(
        &self,
        route: Route,
        request: &Request,
        now: Timestamp,
        story: &mut Story,
    ) -> Result<Response<Body>, Refusal> {
        let parameters = Parameters::of_query(request);
        story.outcome = "shown";
        match route {
            Route::Start => self.start(request, &parameters, now, story).await,
            Route::Review => {
                let (app, choice) = self.chosen(request, &parameters, story).await?;
                Ok(self.review(&app, &choice))
            }
            Route::Lock => {
                story.outcome = "locked";
                let mut response = page::redirect(StatusCode::SEE_OTHER, "./");
                page::add_cookie(&mut response, Cookie::Session.clear());
                Ok(response)
            }
            _ => {
                let apps = self.integrations(request).await?;
                Ok(page::home(&self.frame(), &self.settings, &self.catalogue, &apps, &parameters))
            }
        }
    }

    fn unlock(&self, request: &Request, now: Timestamp, story: &mut Story) -> Result<Response<Body>, Refusal> {
        if gate::sent_by_another_site(request) {
            return Err(Refusal::AnotherSite);
        }
        let session = self.gate.open(request, &self.seal, now)?;
        story.outcome = "unlocked";
        let mut response = page::redirect(StatusCode::SEE_OTHER, "./");
        page::add_cookie(&mut response, Some(session));
        Ok(response)
    }

    pub(crate) fn time_left(&self, request: &Request) -> SignedDuration {
        let now = self.clock.now();
        http_function::deadline(request, now, CONFIGURED_TIME_OUT).keeping(RESERVE).left(now)
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { version: &self.version, has_key: self.gate.has_key() }
    }

    /// What strangers can cause is a warning; what is ours to repair is an error.
    fn refuse(&self, refusal: &Refusal, story: &Story, duration_ms: i64) -> Response<Body> {
        let message = words::message(refusal);
        let (outcome, reason, tracking_id) = (refusal.outcome(), chain(refusal), refusal.tracking_id());
        let (app, subject) = (story.app.as_deref(), story.subject.as_deref());
        if message.status.is_server_error() {
            tracing::error!(outcome, reason, app, subject, webex.tracking_id = tracking_id, duration_ms, "refused");
        } else {
            tracing::warn!(outcome, reason, app, subject, webex.tracking_id = tracking_id, duration_ms, "refused");
        }
        page::refusal(&self.frame(), refusal, message)
    }
}

impl Story {
    pub(crate) fn about(&mut self, choice: &Choice) {
        self.app = Some(choice.id.app.to_string());
        self.subject = Some(choice.id.subject.to_string());
    }
}

impl<C: Clock> HttpFunction for Consent<C> {
    async fn handle(&self, request: Request) -> Response<Body> {
        self.handle(request).await
    }
}

impl<C: Clock> fmt::Debug for Consent<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent").finish_non_exhaustive()
    }
}
