//! The function: its state, and the way of a request from its endpoint to the response.

use aws_config::SdkConfig;
use broker_core::clock::Clock;
use broker_core::id::{AppName, GrantId, InvalidName};
use broker_core::port::Store as _;
use jiff::SignedDuration;
use lambda_http::{Body, Request, Response};
use lambda_kit::base_path::BasePath;
use lambda_kit::http_function::{self, HttpFunction};
use lambda_kit::metrics::Metrics;
use lambda_kit::problem::Problem;
use lambda_kit::refresher::RefresherClient;
use secrets::{CachedGrants, GrantStore, PackedStore, SecretsManagerStore};
use webex::WebexApi;

use crate::access::identity::Caller;
use crate::access::policy::{AccessRequest, Action, Resource};
use crate::access::{AccessControl, AccessError, CallerRateLimit};
use crate::audit::AuditRecord;
use crate::error::Error;
use crate::router::{GrantEndpoint, VendRoute};
use crate::routes::request::GrantHttpRequest;
use crate::routes::{guests, healthz, list, openapi, rejected, token};
use crate::settings::Settings;
use crate::tokens::TokenService;

/// Time-out of the function where the runtime gives no deadline. API Gateway waits no longer either.
const CONFIGURED_TIME_OUT: SignedDuration = SignedDuration::from_secs(29);

/// The vend function.
pub struct Vend<C: Clock> {
    store: GrantStore<C>,
    tokens: TokenService<C>,
    webex: WebexApi<C>,
    clock: C,
    minter_app: AppName,
    base_path: BasePath,
    access: AccessControl<C>,
    rate_limit: CallerRateLimit,
    metrics: Metrics,
}

impl<C: Clock> Vend<C> {
    /// Builds the function. The first requests connect to AWS and Webex.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Self {
        let secrets = SecretsManagerStore::new(secrets::client(sdk.into()), settings.secret_prefix, clock.clone());
        let store = PackedStore::new(secrets, clock.clone());
        let grants = CachedGrants::new(store.clone(), settings.cache_ttl, clock.clone());
        let refresher = RefresherClient::when_needed(sdk, settings.refresher_function);
        Self {
            access: AccessControl::new(settings.open_callers, settings.policy, settings.issuers, clock.clone()),
            rate_limit: CallerRateLimit::default(),
            tokens: TokenService::new(grants, refresher, clock.clone()),
            store,
            webex: WebexApi::new(settings.webex_api_base, clock.clone()),
            minter_app: settings.minter.app,
            base_path: settings.base_path,
            clock,
            metrics: metrics.of_stack(settings.metrics_stack),
        }
    }

    /// Answers one request. A request about an app is logged, and counted unless it is for a list.
    pub async fn handle(&self, mut request: Request) -> Response<Body> {
        self.base_path.strip(&mut request);
        match VendRoute::parse(&request) {
            Ok(VendRoute::Health) => healthz::handle(),
            Ok(VendRoute::OpenApi) => openapi::handle(),
            Ok(VendRoute::List { app }) => {
                let mut audit = AuditRecord::of_list(self.clock.now());
                let result = self.list(&request, app, &mut audit).await;
                self.finish(audit, result)
            }
            Ok(VendRoute::Grant { id, endpoint }) => {
                let mut audit = AuditRecord::of_vend(self.clock.now());
                let result = self.vend(&request, id, endpoint, &mut audit).await;
                self.finish(audit, result)
            }
            Err(error) => Problem::from(&error).into_response(),
        }
    }

    fn finish(&self, audit: AuditRecord, result: Result<Response<Body>, Error>) -> Response<Body> {
        let now = self.clock.now();
        match result {
            Ok(response) => {
                audit.finish(None, now, &self.metrics);
                response
            }
            Err(error) => {
                let problem = audit.problem(&error);
                audit.finish(Some(&error), now, &self.metrics);
                problem.into_response()
            }
        }
    }

    /// Identifies and authorises the caller before the grant is looked up, so that a refusal does not reveal whether the
    /// grant exists.
    async fn vend(
        &self,
        request: &Request,
        id: Result<GrantId, InvalidName>,
        endpoint: GrantEndpoint,
        audit: &mut AuditRecord,
    ) -> Result<Response<Body>, Error> {
        if let Ok(id) = &id {
            audit.set_grant(id);
        }
        let caller = self.admitted_caller(request, audit).await?;
        let id = id?;
        self.refuse_minter(&id.app)?;
        let asked = AccessRequest { action: endpoint.action(), resource: Resource::Grant(&id) };
        audit.policy = self.access.authorize(&caller, &asked)?;
        let deadline = http_function::deadline(request, audit.started, CONFIGURED_TIME_OUT);
        let request = GrantHttpRequest { id: &id, http: request, deadline };
        match endpoint {
            GrantEndpoint::Token => token::handle(&self.tokens, &self.clock, &request, audit).await,
            GrantEndpoint::Rejected => rejected::handle(&self.tokens, &self.clock, &request, audit).await,
            GrantEndpoint::Guests => guests::handle(&self.tokens, &self.webex, &self.clock, &request, audit).await,
        }
    }

    async fn list(
        &self,
        request: &Request,
        app: Result<AppName, InvalidName>,
        audit: &mut AuditRecord,
    ) -> Result<Response<Body>, Error> {
        audit.app = app.as_ref().ok().cloned();
        let caller = self.admitted_caller(request, audit).await?;
        let app = app?;
        self.refuse_minter(&app)?;
        let asked = AccessRequest { action: Action::List, resource: Resource::App(&app) };
        audit.policy = self.access.authorize(&caller, &asked)?;
        list::handle(&self.store, &app, request).await
    }

    /// The identity of a caller that is not refused whatever it asks for.
    async fn admitted_caller(&self, request: &Request, audit: &mut AuditRecord) -> Result<Caller, Error> {
        let caller = self.access.identify(request).await?;
        audit.set_caller(&caller);
        self.access.admit(&caller)?;
        if let Err(retry_after) = self.rate_limit.take(&caller.name(), audit.started) {
            return Err(AccessError::RateLimited { retry_after }.into());
        }
        audit.admitted = true;
        Ok(caller)
    }

    /// Refuses every grant of the minter's app, whatever the policy permits.
    fn refuse_minter(&self, app: &AppName) -> Result<(), Error> {
        if *app == self.minter_app { Err(Error::MinterGrant) } else { Ok(()) }
    }
}

impl<C: Clock> HttpFunction for Vend<C> {
    async fn handle(&self, request: Request) -> Response<Body> {
        self.handle(request).await
    }

    /// Any call of the store opens its connection, and touches the code that the first vend runs. The mark of the minter's
    /// app is one that this function may ask for, whatever it is.
    async fn connect(&self) {
        let _ = self.store.mark(&self.minter_app).await;
    }
}
