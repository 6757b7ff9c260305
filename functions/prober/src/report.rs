//! What a run found out: its answer, its log lines and its metrics.

use broker_core::error::chain;
use broker_core::id::GrantId;
use jiff::Timestamp;
use lambda_kit::metrics::{Metric, Metrics};
use serde_json::{Value, json};

use crate::refusal_probe::{Refusal, RefusalCase};
use crate::token_probe::TokenProbe;

/// The answers of one run.
pub(crate) struct ProbeReport<'a> {
    pub(crate) grant: &'a GrantId,
    pub(crate) token: TokenProbe,
    pub(crate) refusals: Vec<(RefusalCase, Refusal)>,
    pub(crate) duration_ms: i64,
}

impl ProbeReport<'_> {
    /// One line about the token, and one for each refusal that did not come.
    pub(crate) fn log(&self) {
        self.log_token();
        for (case, refusal) in &self.refusals {
            let (app, subject) = (&self.grant.app, &self.grant.subject);
            match refusal {
                Refusal::Refused => {}
                Refusal::NotRefused => tracing::error!(
                    outcome = "probe_not_refused", %app, %subject, case = case.name(),
                    "{}: RUNBOOK.md, \"The prober was not refused\"", case.breach()
                ),
                Refusal::Unknown(reason) => tracing::warn!(
                    outcome = "probe_unknown", %app, %subject, case = case.name(),
                    "it is not known whether vend refuses the request ({}): {reason}", case.name()
                ),
            }
        }
    }

    fn log_token(&self) {
        let (app, subject, duration_ms) = (&self.grant.app, &self.grant.subject, self.duration_ms);
        let id = self.grant;
        let tracking_id = self.tracking_id();
        match &self.token {
            TokenProbe::Alive(ends) => tracing::info!(
                outcome = "probe_alive", %app, %subject, duration_ms,
                "vend gave the token of {id}, and Webex accepts it until {ends}"
            ),
            TokenProbe::NoToken(error) => tracing::error!(
                outcome = "probe_no_token", %app, %subject, duration_ms, webex.tracking_id = tracking_id,
                "vend gave no token of {id}; Webex was not asked: {}", chain(error)
            ),
            TokenProbe::Dead(Some(error)) => tracing::error!(
                outcome = "probe_token_dead", %app, %subject, duration_ms, webex.tracking_id = tracking_id,
                "vend gave a token of {id} that Webex refuses: {}", chain(error)
            ),
            TokenProbe::Dead(None) => tracing::error!(
                outcome = "probe_token_dead", %app, %subject, duration_ms,
                "vend gave a token of {id} that has ended, as Webex says"
            ),
            TokenProbe::WebexFailed(error) => tracing::warn!(
                outcome = "probe_webex_failed", %app, %subject, duration_ms, webex.tracking_id = tracking_id,
                "vend gave the token of {id}; Webex did not say whether it lives: {}", chain(error)
            ),
            TokenProbe::NotAsked(error) => tracing::error!(
                outcome = "probe_not_asked", %app, %subject, duration_ms,
                "vend was not asked for the token of {id}: {}", chain(error)
            ),
        }
    }

    /// Webex's tracking id of a failure; empty if there is none.
    fn tracking_id(&self) -> &str {
        let tracking_id = match &self.token {
            TokenProbe::NoToken(client::Error::Refused(problem)) => &problem.tracking_id,
            TokenProbe::Dead(Some(error)) | TokenProbe::WebexFailed(error) => &error.tracking_id,
            _ => &None,
        };
        tracking_id.as_deref().unwrap_or_default()
    }

    /// Records zeros too: an alarm has to know that the prober runs. What was not found out is not recorded.
    pub(crate) fn record(&self, metrics: &Metrics, now: Timestamp) {
        let mut values = Vec::new();
        if let Some([no_token, dead, webex_failed]) = self.failures() {
            values.push((Metric::ProbeNoToken, i64::from(no_token)));
            values.push((Metric::ProbeTokenDead, i64::from(dead)));
            values.push((Metric::ProbeWebexFailed, i64::from(webex_failed)));
        }
        let given = self.refusals.iter().filter(|(_, refusal)| *refusal == Refusal::NotRefused).count();
        let unknown = self.refusals.iter().any(|(_, refusal)| matches!(refusal, Refusal::Unknown(_)));
        if given > 0 || !unknown {
            values.push((Metric::ProbeNotRefused, i64::try_from(given).unwrap_or(i64::MAX)));
        }
        if !values.is_empty() {
            metrics.record(self.grant.app.as_str(), now, &values);
        }
    }

    /// Whether vend gave no token, gave a dead one, and whether Webex failed; `None` if vend was not asked.
    fn failures(&self) -> Option<[bool; 3]> {
        match self.token {
            TokenProbe::Alive(_) => Some([false, false, false]),
            TokenProbe::NoToken(_) => Some([true, false, false]),
            TokenProbe::Dead(_) => Some([false, true, false]),
            TokenProbe::WebexFailed(_) => Some([false, false, true]),
            TokenProbe::NotAsked(_) => None,
        }
    }

    /// The answer of the function. It holds no token.
    pub(crate) fn to_json(&self) -> Value {
        let refusals: serde_json::Map<_, _> = self
            .refusals
            .iter()
            .map(|(case, refusal)| (case.name().to_owned(), refusal_text(refusal).into()))
            .collect();
        let token = match &self.token {
            TokenProbe::Alive(_) => "alive",
            TokenProbe::NoToken(_) => "no_token",
            TokenProbe::Dead(_) => "dead",
            TokenProbe::WebexFailed(_) => "webex_failed",
            TokenProbe::NotAsked(_) => "not_asked",
        };
        json!({"app": self.grant.app, "subject": self.grant.subject, "token": token, "refusals": refusals,
            "duration_ms": self.duration_ms})
    }
}

fn refusal_text(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Refused => "refused",
        Refusal::NotRefused => "not_refused",
        Refusal::Unknown(_) => "unknown",
    }
}
