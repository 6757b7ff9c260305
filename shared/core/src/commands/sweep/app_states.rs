//! What a sweep leaves for operators about each app: when it was swept, whether its webhooks deliver, and whether Webex
//! takes its credentials.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use super::CurrentGrants;
use super::report::{FailureLine, SweepOutcome};
use crate::app::App;
use crate::app_state::{AppCredentials, AppState, CredentialState, StateCounts};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::State;
use crate::id::AppName;
use crate::port::{Store as _, Webex as _, WebexError};
use crate::token::RefreshToken;

/// Time that the states need at the end of a sweep.
const SAVING: SignedDuration = SignedDuration::from_secs(2);

/// A refresh token that no one was ever issued. Webex checks the client's credentials before the token, so that its
/// answer tells whether they are right, and nothing is spent.
const NO_TOKEN: &str = "webex-token-broker-checks-the-client-credentials";

/// Checks credentials that are new, and saves the state of every app. Nothing here keeps a sweep from succeeding.
pub(super) async fn save<P: Ports>(
    cx: &Context<'_, P>,
    apps: &[App],
    current: &CurrentGrants,
    outcome: &mut SweepOutcome,
) {
    if !cx.webex_deadline().allows(cx.now(), SAVING) {
        return;
    }
    let mut known: BTreeMap<AppName, AppState> = match cx.store.app_states(cx.deadline).await {
        Ok(states) => states.into_iter().collect(),
        Err(error) => {
            warn!(outcome = "failed", "the apps' states could not be read: {error}");
            return;
        }
    };
    for app in apps {
        let before = known.remove(&app.name).unwrap_or_default();
        let credentials = credentials(cx, app, &before.credentials, outcome).await;
        if credentials.state == CredentialState::Wrong {
            report_wrong_credentials(app, &credentials, outcome);
        }
        let state = AppState {
            last_sweep_at: Some(cx.now()),
            webhooks: outcome.webhooks.remove(&app.name).unwrap_or(before.webhooks),
            credentials,
            counts: Some(counts(app, current, outcome)),
            live_tokens: Some(live_tokens(app, current, cx.now())),
        };
        if let Err(error) = cx.store.save_app_state(&app.name, &state, cx.deadline).await {
            warn!(app = %app.name, outcome = "failed", "the state of {} could not be saved: {error}", app.name);
        }
    }
}

/// Whether Webex takes the app's credentials: as this sweep has seen, as is known of this version of the secret, or as
/// Webex says now.
async fn credentials<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    before: &AppCredentials,
    outcome: &mut SweepOutcome,
) -> AppCredentials {
    if let Some(seen) = outcome.credentials.remove(&app.name) {
        return AppCredentials { checked_at: Some(cx.now()), version: Some(app.version.clone()), ..seen };
    }
    let is_checked = before.version.as_ref() == Some(&app.version) && before.state != CredentialState::Unknown;
    if is_checked || !cx.webex_deadline().allows(cx.now(), SAVING) {
        return before.clone();
    }
    let answer = cx.webex.refresh(&app.client, &RefreshToken::new(NO_TOKEN), cx.webex_deadline()).await;
    let version = Some(app.version.clone());
    match answer {
        Ok(_) => AppCredentials { version, ..AppCredentials::unknown() },
        Err(error) => AppCredentials { checked_at: Some(cx.now()), version, ..verdict(&error) },
    }
}

/// What Webex's refusal of a refresh says about the credentials.
pub(super) fn verdict(error: &WebexError) -> AppCredentials {
    match error.code.as_deref() {
        Some("invalid_grant") => AppCredentials { state: CredentialState::Ok, ..AppCredentials::unknown() },
        Some("invalid_client") => AppCredentials {
            state: CredentialState::Wrong,
            reason: Some(BrokerError::Webex(error.clone()).words()),
            ..AppCredentials::unknown()
        },
        _ => AppCredentials::unknown(),
    }
}

/// One failure for the app, unless a grant's has told it already.
fn report_wrong_credentials(app: &App, credentials: &AppCredentials, outcome: &mut SweepOutcome) {
    let is_listed = |line: &FailureLine| line.app == app.name.as_str() && line.code == "invalid_client";
    if outcome.report.failures.iter().any(is_listed) {
        return;
    }
    outcome.add_failure(FailureLine {
        app: app.name.to_string(),
        subject: String::new(),
        code: "invalid_client".to_owned(),
        tracking_id: None,
        reason: credentials.reason.clone().unwrap_or_default(),
    });
}

fn counts(app: &App, current: &CurrentGrants, outcome: &SweepOutcome) -> StateCounts {
    let mut counts = StateCounts::default();
    for grant in current.values().filter(|grant| grant.id.app == app.name) {
        match grant.state {
            State::Pending => counts.pending += 1,
            State::Active => counts.active += 1,
            State::Fenced => counts.fenced += 1,
            State::Revoked => counts.revoked += 1,
        }
        if grant.state == State::Active && grant.failure.is_some() {
            counts.failing += 1;
        }
    }
    if let Some(app) = outcome.apps.get(app.name.as_str()) {
        counts.unreadable = app.unreadable;
    }
    counts
}

fn live_tokens(app: &App, current: &CurrentGrants, now: Timestamp) -> u32 {
    current.values().filter(|grant| grant.id.app == app.name).map(|grant| grant.live_tokens(now)).sum()
}
