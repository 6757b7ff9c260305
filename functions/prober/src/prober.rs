//! The function. An invocation asks each question once.

use aws_config::SdkConfig;
use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use futures_util::future::join_all;
use jiff::SignedDuration;
use lambda_kit::clock;
use lambda_kit::config::InvalidConfig;
use lambda_kit::metrics::Metrics;
use lambda_kit::run::DirectFunction;
use lambda_runtime::{Context, Diagnostic};
use serde_json::Value;
use webex::WebexApi;

use crate::caller::{UnsignedCaller, VendAccess};
use crate::refusal_probe::{Refusal, RefusalCase};
use crate::report::ProbeReport;
use crate::settings::Settings;
use crate::token_probe;

/// The time-out in the template, for a runtime that sets no plausible deadline. Vend answers within 30 seconds, Webex has
/// 20, and the refusals are asked for together.
const TIME_OUT: SignedDuration = SignedDuration::from_secs(90);

/// The prober.
pub struct Prober<C: Clock> {
    vend: VendAccess<C>,
    webex: WebexApi<C>,
    grant: GrantId,
    minter: GrantId,
    stranger_role: Option<String>,
    open_callers: bool,
    metrics: Metrics,
}

impl<C: Clock> Prober<C> {
    /// A prober that signs its requests with the credentials of `sdk`. Nothing is called yet.
    ///
    /// # Errors
    /// If `VEND_URL` or `PROBE_GRANT` is not set.
    pub fn new(settings: Settings, sdk: &SdkConfig, clock: C, metrics: Metrics) -> Result<Self, InvalidConfig> {
        let Some(url) = settings.vend_url else {
            return Err(Settings::missing("VEND_URL", "set to the base URL of vend"));
        };
        let Some(grant) = settings.grant else {
            return Err(Settings::missing("PROBE_GRANT", "set to app/subject, a grant that the prober may have"));
        };
        Ok(Self {
            vend: VendAccess { url, service: settings.signing_service, sdk: sdk.clone(), clock: clock.clone() },
            webex: WebexApi::new(settings.webex_api_base, clock),
            grant,
            minter: settings.minter,
            stranger_role: settings.stranger_role,
            open_callers: settings.open_callers,
            metrics: metrics.of_stack(settings.metrics_stack),
        })
    }

    /// Answers an invocation: `{"grant":"app/subject"}` for another grant than that of the settings, or anything else.
    ///
    /// # Errors
    /// If `grant` does not name one.
    pub async fn answer(&self, payload: &Value, deadline: Deadline) -> Result<Value, Diagnostic> {
        let Some(named) = payload.get("grant") else {
            return Ok(self.probe(&self.grant, deadline).await);
        };
        match GrantId::parse(named.as_str().unwrap_or_default()) {
            Ok(grant) => Ok(self.probe(&grant, deadline).await),
            Err(_) => Err(Diagnostic {
                error_type: "invalid_request".to_owned(),
                error_message: "grant must be app/subject".to_owned(),
            }),
        }
    }

    /// Asks each question once, and reports the answers.
    async fn probe(&self, grant: &GrantId, deadline: Deadline) -> Value {
        let started = self.vend.clock.now();
        let token = token_probe::run(&self.vend, &self.webex, grant, deadline).await;
        let refusals = join_all(self.cases().into_iter().map(|case| self.ask_in_vain(case, grant))).await;
        let now = self.vend.clock.now();
        let report = ProbeReport { grant, token, refusals, duration_ms: clock::elapsed_ms(started, now) };
        report.log();
        report.record(&self.metrics, now);
        report.to_json()
    }

    fn cases(&self) -> Vec<RefusalCase> {
        let mut cases = vec![RefusalCase::Minter];
        if !self.open_callers {
            cases.push(RefusalCase::Unsigned);
        }
        if self.stranger_role.is_some() {
            cases.push(RefusalCase::Stranger);
        }
        cases
    }

    async fn ask_in_vain(&self, case: RefusalCase, grant: &GrantId) -> (RefusalCase, Refusal) {
        let answer = match (case, &self.stranger_role) {
            (RefusalCase::Stranger, Some(role)) => self.vend.ask(self.vend.assumed_role(role).await, grant).await,
            (RefusalCase::Minter, _) => match self.vend.own_role() {
                Ok(caller) => self.vend.ask(caller, &self.minter).await,
                Err(error) => Err(error),
            },
            _ => self.vend.ask(UnsignedCaller, grant).await,
        };
        (case, case.judge(answer))
    }
}

impl<C: Clock> DirectFunction for Prober<C> {
    async fn handle(&self, payload: Value, context: Context) -> Result<Value, Diagnostic> {
        self.answer(&payload, clock::deadline(&context, self.vend.clock.now(), TIME_OUT)).await
    }
}
