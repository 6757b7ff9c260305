//! Finds the handler of a request, and turns errors into pages.

use std::fmt;

use aws_config::SdkConfig;
use broker_core::clock::Clock;
use jiff::SignedDuration;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::clock::elapsed_ms;
use lambda_kit::http_function::{self, HttpFunction};

use crate::cookie::HostCookie;
use crate::error::Error;
use crate::error_page::error_page;
use crate::parameters::Parameters;
use crate::request_log::RequestLog;
use crate::router::ConsentRoute;
use crate::settings::Settings;
use crate::state::{ConsentState, PageRequest};
use crate::{messages, page, routes, slash};

/// The time-out of the function where the runtime does not give one. API Gateway waits no longer either.
const CONFIGURED_TIMEOUT: SignedDuration = SignedDuration::from_secs(29);
/// Time that is left for the page after the last call.
const RESERVE: SignedDuration = SignedDuration::from_millis(500);

/// The consent function.
pub struct Consent<C: Clock> {
    state: ConsentState,
    clock: C,
}

impl<C: Clock> Consent<C> {
    /// Creates the function with clients for the AWS account of `sdk`. It makes no call.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C) -> Self {
        Self { state: ConsentState::new(settings, sdk), clock }
    }

    /// Answers one request. Each is logged in one line, but for assets and for redirects to the right address of a page.
    pub async fn handle(&self, mut request: Request) -> Response<Body> {
        let base_path = &self.state.settings.base_path;
        if let Some(last) = base_path.without_slash(&request) {
            let address = slash::with_query(&format!("{last}/"), &request);
            return page::redirect(StatusCode::PERMANENT_REDIRECT, &address);
        }
        base_path.strip(&mut request);
        if let Some(address) = slash::without(&request) {
            return page::redirect(StatusCode::PERMANENT_REDIRECT, &address);
        }
        self.answer(request).await
    }

    async fn answer(&self, request: Request) -> Response<Body> {
        let started_at = self.clock.now();
        let route = match ConsentRoute::find(&request) {
            Ok(ConsentRoute::Asset(asset)) => return asset.response(),
            route => route,
        };
        let mut log = RequestLog::default();
        let deadline = http_function::deadline(&request, started_at, CONFIGURED_TIMEOUT);
        let mut page_request = PageRequest {
            http: &request,
            frame: self.state.frame(&request),
            query: Parameters::from_query(&request),
            now: started_at,
            time_left: deadline.keeping(RESERVE).left(started_at),
        };
        let is_callback = matches!(route, Ok(ConsentRoute::Callback));
        page_request.frame.is_guest = matches!(&route, Ok(route) if route.is_for_guests());
        let answer = match route {
            Ok(route) => self.dispatch(route, &page_request, &mut log).await,
            Err(error) => Err(error),
        };
        let duration_ms = elapsed_ms(started_at, self.clock.now());
        match answer {
            Ok(response) => {
                log.answered(duration_ms);
                response
            }
            Err(error) => {
                page_request.frame.is_guest = log.is_guest;
                let message = if log.is_guest { messages::for_guest(&error) } else { messages::for_error(&error) };
                log.refused(&error, message.status, duration_ms);
                let mut response = error_page(&page_request, &error, message);
                if is_callback {
                    page::add_cookie(&mut response, HostCookie::Flow.delete());
                }
                response
            }
        }
    }

    async fn dispatch(
        &self,
        route: ConsentRoute,
        request: &PageRequest<'_>,
        log: &mut RequestLog,
    ) -> Result<Response<Body>, Error> {
        match route {
            ConsentRoute::Key => routes::key::handle(&self.state, request, log),
            ConsentRoute::Callback => {
                self.state.gate.authenticate_sealed(request.http)?;
                routes::callback::handle(&self.state, request, log).await
            }
            ConsentRoute::Invited => {
                self.state.gate.authenticate_sealed(request.http)?;
                routes::invited::show(&self.state, request, log).await
            }
            ConsentRoute::InvitedStart => {
                self.state.gate.authenticate_sealed(request.http)?;
                routes::invited::start(&self.state, request, log).await
            }
            _ => {
                self.state.gate.authenticate(request.http, request.now)?;
                self.dispatch_authenticated(route, request, log).await
            }
        }
    }

    async fn dispatch_authenticated(
        &self,
        route: ConsentRoute,
        request: &PageRequest<'_>,
        log: &mut RequestLog,
    ) -> Result<Response<Body>, Error> {
        match route {
            ConsentRoute::Start => routes::start::handle(&self.state, request, log).await,
            ConsentRoute::Review => routes::review::handle(&self.state, request, log).await,
            ConsentRoute::Lock => Ok(routes::lock::handle(log)),
            ConsentRoute::Fleet => routes::fleet::handle(&self.state, request, log).await,
            ConsentRoute::Grant(id) => routes::grant::handle(&self.state, request, &id, log).await,
            ConsentRoute::Confirm(id) => routes::confirm::handle(&self.state, request, &id, log).await,
            ConsentRoute::Act(id, act) => routes::act::handle(&self.state, request, &id, act, log).await,
            ConsentRoute::Link => routes::link::handle(&self.state, request, log).await,
            ConsentRoute::Apps => routes::apps::handle(&self.state, request, log).await,
            ConsentRoute::Minter => routes::minter::handle(&self.state, request, log).await,
            _ => routes::home::handle(&self.state, request, log).await,
        }
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
