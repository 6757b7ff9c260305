//! The function: one request, from its route to its answer.

use aws_config::SdkConfig;
use broker_core::clock::Clock;
use broker_core::id::{AppName, GrantId, InvalidName};
use jiff::SignedDuration;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::http_function::{self, HttpFunction};
use lambda_kit::metrics::Metrics;
use lambda_kit::problem::Problem;
use lambda_kit::refresher::RefresherClient;
use secrets::{CachedGrants, SecretsManagerStore};
use serde_json::json;
use webex::WebexApi;

use crate::audit::Audit;
use crate::gate::Gate;
use crate::identity::Caller;
use crate::policy::{Action, Ask, Resource};
use crate::route::{Route, Wish};
use crate::throttle::Throttle;
use crate::{Refusal, Settings, answer, query};

/// The function's time-out where the runtime does not say it; API Gateway waits no longer either.
pub(crate) const CONFIGURED_TIME_OUT: SignedDuration = SignedDuration::from_secs(29);

/// What the contract says, for programs.
const OPENAPI: &str = include_str!("../openapi.json");

/// The function.
pub struct Vend<C: Clock> {
    pub(crate) store: SecretsManagerStore<C>,
    pub(crate) grants: CachedGrants<SecretsManagerStore<C>, C>,
    pub(crate) refresher: RefresherClient,
    pub(crate) webex: WebexApi<C>,
    pub(crate) clock: C,
    minter: GrantId,
    gate: Gate<C>,
    throttle: Throttle,
    metrics: Metrics,
}

impl<C: Clock> Vend<C> {
    /// The function over the AWS that `sdk` leads to. Nothing is called yet.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Self {
        let gate = Gate::new(&settings, clock.clone());
        let store = SecretsManagerStore::new(secrets::client(sdk.into()), settings.secret_prefix, clock.clone());
        Self {
            gate,
            throttle: Throttle::default(),
            grants: CachedGrants::new(store.clone(), settings.cache_ttl, clock.clone()),
            store,
            refresher: RefresherClient::new(sdk, settings.refresher_function),
            webex: WebexApi::new(settings.webex_api_base, clock.clone()),
            minter: settings.minter,
            clock,
            metrics,
        }
    }

    /// Answers one request. Each that is about an app leaves one line in the log; those for a token are counted.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        match Route::of(&request) {
            Ok(Route::Health) => http_function::json(StatusCode::OK, &json!({"status": "ok"})),
            Ok(Route::OpenApi) => http_function::answer(StatusCode::OK, "application/json", OPENAPI.to_owned()),
            Ok(Route::Grants { app }) => {
                let mut audit = Audit::listing(self.clock.now());
                let listed = self.listed(&request, app, &mut audit).await;
                self.close(audit, listed)
            }
            Ok(Route::Grant { id, wish }) => {
                let mut audit = Audit::vending(self.clock.now());
                let vended = self.vended(&request, id, wish, &mut audit).await;
                self.close(audit, vended)
            }
            Err(refusal) => Problem::from(&refusal).into_response(),
        }
    }

    fn close(&self, audit: Audit, result: Result<Response<Body>, Refusal>) -> Response<Body> {
        audit.close(result.as_ref().err(), self.clock.now(), &self.metrics);
        result.unwrap_or_else(|refusal| Problem::from(&refusal).into_response())
    }

    /// Who asks comes first, then whether they may, then what there is: a refusal says nothing about the last.
    async fn vended(
        &self,
        request: &Request,
        id: Result<GrantId, InvalidName>,
        wish: Wish,
        audit: &mut Audit,
    ) -> Result<Response<Body>, Refusal> {
        if let Ok(id) = &id {
            audit.about(id);
        }
        let caller = self.caller(request, audit).await?;
        let id = id?;
        // Whatever the policy says.
        if id == self.minter {
            return Err(Refusal::Minter);
        }
        let ask = Ask { action: wish.action(), resource: Resource::Grant(&id) };
        audit.policy = self.gate.permit(&caller, &ask)?;
        let deadline = http_function::deadline(request, audit.started, CONFIGURED_TIME_OUT);
        let held = match wish {
            Wish::Token => self.token(&id, query::min_ttl(request)?, deadline, audit).await?,
            Wish::Rejected => self.instead_of_rejected(&id, request, deadline).await?,
            Wish::Guest => return self.guest(&id, request, deadline, audit).await,
        };
        audit.token = Some(held.fingerprint);
        Ok(answer::token(&id, &held.pair, self.clock.now()))
    }

    /// Whoever asks, unless it is a stranger, or too often.
    async fn caller(&self, request: &Request, audit: &mut Audit) -> Result<Caller, Refusal> {
        let caller = self.gate.identify(request).await?;
        audit.by(&caller);
        self.gate.admit(&caller)?;
        let name = audit.caller.as_deref().unwrap_or_default();
        self.throttle.take(name, audit.started).map_err(|again| Refusal::TooOften { again })?;
        audit.admitted = true;
        Ok(caller)
    }

    async fn listed(
        &self,
        request: &Request,
        app: Result<AppName, InvalidName>,
        audit: &mut Audit,
    ) -> Result<Response<Body>, Refusal> {
        audit.app = app.as_ref().ok().cloned();
        let caller = self.caller(request, audit).await?;
        let app = app?;
        let ask = Ask { action: Action::List, resource: Resource::App(&app) };
        audit.policy = self.gate.permit(&caller, &ask)?;
        let next = query::next(request)?;
        self.page_of(&app, next.as_deref(), &self.minter).await
    }
}

impl<C: Clock> HttpFunction for Vend<C> {
    async fn handle(&self, request: Request) -> Response<Body> {
        self.handle(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_describes_every_route_and_what_it_refers_to_is_there() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let of_a_grant =
            ["token", "token/rejected", "guests"].map(|last| format!("/v1/apps/{{app}}/grants/{{subject}}/{last}"));
        let plain = ["/healthz", "/openapi.json", "/v1/apps/{app}/grants"].map(str::to_owned);
        for path in of_a_grant.into_iter().chain(plain) {
            assert!(paths.contains_key(&path), "{path}");
        }
        for (at, _) in OPENAPI.match_indices("\"#/") {
            let pointer = OPENAPI[at + 2..].split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
