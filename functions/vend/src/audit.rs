//! The audit line and the metrics of a request.

use broker_core::error::chain;
use broker_core::id::{AppName, GrantId, Subject};
use broker_core::token::Fingerprint;
use jiff::Timestamp;
use lambda_kit::clock::elapsed_ms;
use lambda_kit::metrics::{Metric, Metrics, NO_APP};
use lambda_kit::problem::{Problem, ProblemKind};

use crate::access::identity::Caller;
use crate::error::Error;

/// The facts about a request, collected while it is answered.
#[derive(Debug)]
pub(crate) struct AuditRecord {
    /// When the request arrived.
    pub(crate) started: Timestamp,
    is_vend: bool,
    /// The name of the proven caller.
    caller: Option<String>,
    /// The session, if the caller is a role.
    session: Option<String>,
    /// `sub` and `iss` of the caller's token, if it has one.
    token_subject: Option<(String, String)>,
    /// Whether the caller was admitted, so that the policy decided.
    pub(crate) admitted: bool,
    /// The policies that permitted the request.
    pub(crate) policy: Option<String>,
    /// The app, if its name is valid.
    pub(crate) app: Option<AppName>,
    subject: Option<Subject>,
    /// The token in the response.
    pub(crate) token: Option<Fingerprint>,
    /// Whether the record came from memory.
    pub(crate) cached: bool,
    /// Whether the renewal that the request caused brought a new pair; `None` if the request caused none.
    pub(crate) renewed: Option<bool>,
}

impl AuditRecord {
    /// The record of a request for a token.
    pub(crate) fn of_vend(started: Timestamp) -> Self {
        Self {
            started,
            is_vend: true,
            caller: None,
            session: None,
            token_subject: None,
            admitted: false,
            policy: None,
            app: None,
            subject: None,
            token: None,
            cached: false,
            renewed: None,
        }
    }

    /// The record of a request for a list.
    pub(crate) fn of_list(started: Timestamp) -> Self {
        Self { is_vend: false, ..Self::of_vend(started) }
    }

    pub(crate) fn set_caller(&mut self, caller: &Caller) {
        self.caller = Some(caller.name().into_owned());
        self.session = caller.session().map(str::to_owned);
        if let Caller::Oidc(oidc) = caller {
            self.token_subject = Some((oidc.subject.clone(), oidc.issuer.clone()));
        }
    }

    /// The response to a refused request. A caller with a token learns as whom it was refused, whatever the reason, so that
    /// the operator can be told whom to permit.
    pub(crate) fn problem(&self, error: &Error) -> Problem {
        let mut problem = Problem::from(error);
        if let Some((subject, issuer)) = &self.token_subject
            && problem.kind == ProblemKind::Forbidden
        {
            problem.detail = format!("{}; its token has sub {subject:?} and iss {issuer:?}", problem.detail);
        }
        problem
    }

    pub(crate) fn set_grant(&mut self, id: &GrantId) {
        self.app = Some(id.app.clone());
        self.subject = Some(id.subject.clone());
    }

    /// Writes the line and, for a vend, the metrics.
    pub(crate) fn finish(self, error: Option<&Error>, now: Timestamp, metrics: &Metrics) {
        self.log(error, now);
        if self.is_vend {
            self.count(error.is_some(), now, metrics);
        }
    }

    fn count(&self, refused: bool, now: Timestamp, metrics: &Metrics) {
        // Strangers must not create dimensions, because CloudWatch charges for each.
        let app = match &self.app {
            Some(app) if self.admitted => app.as_str(),
            _ => NO_APP,
        };
        if refused {
            metrics.record(app, now, &[(Metric::VendRefused, 1)]);
        } else {
            metrics.record(app, now, &[(Metric::Vended, 1), (Metric::VendCacheHit, i64::from(self.cached))]);
        }
    }

    fn log(&self, error: Option<&Error>, now: Timestamp) {
        let duration_ms = elapsed_ms(self.started, now);
        let caller = self.caller.as_deref();
        let session = self.session.as_deref();
        let policy = self.policy.as_deref();
        let app = self.app.as_ref().map(AppName::as_str);
        let subject = self.subject.as_ref().map(Subject::as_str);
        let outcome = self.outcome(error);
        let reason = error.map(|error| chain(error));
        let tracking_id = error.and_then(|error| Problem::from(error).tracking_id);
        let token_sha256_prefix = self.token.map(|token| token.prefix());
        let cached = self.cached;
        let renewed = self.renewed;
        macro_rules! line {
            ($level:ident, $message:literal) => {
                tracing::$level!(
                    outcome,
                    reason,
                    caller,
                    session,
                    policy,
                    app,
                    subject,
                    token_sha256_prefix,
                    cached,
                    renewed,
                    webex.tracking_id = tracking_id,
                    duration_ms,
                    $message
                )
            };
        }
        match error {
            None => line!(info, "answered"),
            Some(error) if error.is_server_error() => line!(error, "refused"),
            Some(_) => line!(warn, "refused"),
        }
    }

    fn outcome(&self, error: Option<&Error>) -> &'static str {
        match error {
            Some(error) => error.outcome(),
            None if self.is_vend => "vended",
            None => "listed",
        }
    }
}
