//! What a request leaves behind: one line in the log and its metrics.

use broker_core::error::chain;
use broker_core::id::{AppName, GrantId, Subject};
use broker_core::token::Fingerprint;
use jiff::Timestamp;
use lambda_kit::clock::elapsed_ms;
use lambda_kit::metrics::{Metric, Metrics, NO_APP};
use lambda_kit::problem::Problem;

use crate::Refusal;
use crate::identity::Caller;

/// What becomes known about a request while it is answered.
#[derive(Debug)]
pub(crate) struct Audit {
    /// When the request came.
    pub(crate) started: Timestamp,
    vending: bool,
    /// The caller's name, once it is proven.
    pub(crate) caller: Option<String>,
    /// The session of a caller that is a role.
    session: Option<String>,
    /// Whether the caller was let in so far that its policy was asked.
    pub(crate) admitted: bool,
    /// The policies that let it in.
    pub(crate) policy: Option<String>,
    /// The app, if the name is one.
    pub(crate) app: Option<AppName>,
    subject: Option<Subject>,
    /// The token that is given out.
    pub(crate) token: Option<Fingerprint>,
    /// Whether the record came from memory.
    pub(crate) cached: bool,
}

impl Audit {
    /// Of a request for a token.
    pub(crate) fn vending(started: Timestamp) -> Self {
        Self {
            started,
            vending: true,
            caller: None,
            session: None,
            admitted: false,
            policy: None,
            app: None,
            subject: None,
            token: None,
            cached: false,
        }
    }

    /// Of a request for a list.
    pub(crate) fn listing(started: Timestamp) -> Self {
        Self { vending: false, ..Self::vending(started) }
    }

    /// Who asks.
    pub(crate) fn by(&mut self, caller: &Caller) {
        self.caller = Some(caller.name().into_owned());
        self.session = caller.session().map(str::to_owned);
    }

    /// Which grant it is about.
    pub(crate) fn about(&mut self, id: &GrantId) {
        self.app = Some(id.app.clone());
        self.subject = Some(id.subject.clone());
    }

    /// Writes the line and counts.
    pub(crate) fn close(self, refusal: Option<&Refusal>, now: Timestamp, metrics: &Metrics) {
        self.log(refusal, now);
        if self.vending {
            self.count(refusal.is_some(), now, metrics);
        }
    }

    fn count(&self, refused: bool, now: Timestamp, metrics: &Metrics) {
        // A stranger makes no dimensions: CloudWatch charges for each.
        let app = self.app.as_ref().filter(|_| self.admitted).map_or(NO_APP, AppName::as_str);
        if refused {
            metrics.record(app, now, &[(Metric::VendRefused, 1)]);
        } else {
            metrics.record(app, now, &[(Metric::Vended, 1), (Metric::VendCacheHit, i64::from(self.cached))]);
        }
    }

    fn log(&self, refusal: Option<&Refusal>, now: Timestamp) {
        let duration_ms = elapsed_ms(self.started, now);
        let (caller, session) = (self.caller.as_deref(), self.session.as_deref());
        let policy = self.policy.as_deref();
        let app = self.app.as_ref().map(AppName::as_str);
        let subject = self.subject.as_ref().map(Subject::as_str);
        let (outcome, reason, id) = match refusal {
            None => (self.done(), None, None),
            Some(refusal) => (refusal.outcome(), Some(chain(refusal)), Problem::from(refusal).tracking_id),
        };
        let (token_sha256_prefix, cached) = (self.token.map(|token| token.prefix()), self.cached);
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
                    webex.tracking_id = id,
                    duration_ms,
                    $message
                )
            };
        }
        // An error is what we or the operator must look at; the rest is between the caller and its admin.
        match refusal {
            None => line!(info, "answered"),
            Some(refusal) if refusal.is_ours() => line!(error, "refused"),
            Some(_) => line!(warn, "refused"),
        }
    }

    fn done(&self) -> &'static str {
        if self.vending { "vended" } else { "listed" }
    }
}
