//! Whether Webex takes the client credentials of an app.

use jiff::SignedDuration;

use super::fleet::Fleet;
use super::report::{FailureLine, SweepOutcome};
use crate::app::App;
use crate::app_state::{AppCredentials, CredentialState};
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::port::{Webex as _, WebexError};
use crate::token::RefreshToken;

/// Time for the question to Webex.
const ONE_QUESTION: SignedDuration = SignedDuration::from_secs(2);

/// A refresh token that no one was ever issued. Webex checks the client's credentials before the token, so that its
/// answer tells whether they are right, and nothing is spent.
const NO_TOKEN: &str = "webex-token-broker-checks-the-client-credentials";

/// The app's credentials as this sweep knows them, and were known `before`. Wrong ones are a failure of the sweep.
pub(super) async fn check<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    before: &AppCredentials,
    fleet: &Fleet,
    outcome: &mut SweepOutcome,
) -> AppCredentials {
    let credentials = known_or_asked(cx, app, before, fleet, outcome).await;
    if credentials.state == CredentialState::Wrong {
        report_wrong(app, &credentials, outcome);
    }
    credentials
}

/// Whether Webex takes the app's credentials: as this sweep has seen, as the app's grants show that were issued to them,
/// as is known of this version of the secret, or as Webex says now.
async fn known_or_asked<P: Ports>(
    cx: &Context<'_, P>,
    app: &App,
    before: &AppCredentials,
    fleet: &Fleet,
    outcome: &mut SweepOutcome,
) -> AppCredentials {
    if let Some(seen) = outcome.credentials.remove(&app.name) {
        return AppCredentials { checked_at: Some(cx.now()), version: Some(app.version.clone()), ..seen };
    }
    if before.version.is_none()
        && let Some(state) = shown_by_grants(app, fleet)
    {
        return AppCredentials { state, version: Some(app.version.clone()), ..AppCredentials::unknown() };
    }
    let is_checked = before.version.as_ref() == Some(&app.version);
    if is_checked || !cx.webex_deadline().allows(cx.now(), ONE_QUESTION) {
        return before.clone();
    }
    let answer = cx.webex.refresh(&app.client, &RefreshToken::new(NO_TOKEN), cx.webex_deadline()).await;
    let said = match answer {
        Ok(_) => AppCredentials::unknown(),
        Err(error) => verdict(&error),
    };
    // Without a verdict the next sweep asks again.
    let version = if said.state == CredentialState::Unknown { None } else { Some(app.version.clone()) };
    AppCredentials { checked_at: Some(cx.now()), version, ..said }
}

/// Judges the credentials of an app that no sweep knew before by its grants: they are right if a pair was issued to them
/// and nothing fails. `None` if it has no pair at all.
fn shown_by_grants(app: &App, fleet: &Fleet) -> Option<CredentialState> {
    if fleet.healthy_grant(&app.name).is_some() {
        Some(CredentialState::Ok)
    } else if fleet.has_pair(&app.name) {
        Some(CredentialState::Unknown)
    } else {
        None
    }
}

/// Judges the credentials by Webex's refusal of a refresh.
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
fn report_wrong(app: &App, credentials: &AppCredentials, outcome: &mut SweepOutcome) {
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
