//! The conditions of apps and grants that need a person: one rule for every surface that operators look at.
//!
//! The surfaces word what is decided here. Conditions are small views, because each surface reads the answer to `status`
//! in its own way: the command line also reads answers of other versions.

use jiff::{SignedDuration, Timestamp};

use crate::app_state::{CredentialState, DataSourceSummary, WebhookState};
use crate::grant::{Failure, Grant, State};
use crate::request::{AppStatus, GrantStatus, ShownState};

/// Life left in the minter below which a person replaces it, as the alarm `minter-in-danger` has it.
pub(crate) const MINTER_ENDING: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The condition of a grant, as far as the rule looks at it.
#[derive(Debug, Clone, Copy)]
pub struct GrantCondition<'a> {
    /// `None` for a state that this version does not know. It needs nobody.
    pub state: Option<ShownState>,
    /// Whether its renewals fail.
    pub failing: bool,
    /// The code of the failure.
    pub code: Option<&'a str>,
    /// When the access token ends.
    pub access_token_expires_at: Option<Timestamp>,
    /// When the refresh token ends; `None` if there is none.
    pub refresh_token_expires_at: Option<Timestamp>,
}

/// What is the matter with the minter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinterNeed {
    /// There is no minter.
    Missing,
    /// It is not active.
    Inactive,
    /// Its renewals fail.
    Failing,
    /// What it is renewed with has ended: its refresh token, or its access token if it has no other.
    Ended(Timestamp),
    /// It ends soon.
    Ending(Timestamp),
}

/// The condition of an app, as far as the rule looks at it.
#[derive(Debug, Clone, Copy)]
pub struct AppCondition<'a> {
    /// Mistakes in its secrets.
    pub problems: &'a [String],
    /// Webex's answer to its credentials.
    pub credentials: CredentialState,
    /// The reason for a refusal.
    pub credentials_reason: Option<&'a str>,
    /// Whether its webhooks deliver.
    pub webhooks: WebhookState,
    /// Why not.
    pub webhooks_reason: Option<&'a str>,
    /// Its data sources, if it has any.
    pub data_sources: Option<DataSourceSummary>,
}

/// What is the matter with an app itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppNeed<'a> {
    /// A mistake in one of its secrets.
    Mistake(&'a str),
    /// Webex refuses its credentials, for this reason.
    WrongCredentials(Option<&'a str>),
    /// Its webhooks are not registered, for this reason.
    WebhooksFailing(Option<&'a str>),
    /// Data sources fail or are about to end.
    DataSources(DataSourceSummary),
}

impl<'a> GrantCondition<'a> {
    /// The condition of a grant in an answer to `status`.
    pub fn of_status(grant: &'a GrantStatus) -> Self {
        Self {
            state: Some(grant.state),
            failing: grant.failing,
            code: grant.code.as_deref(),
            access_token_expires_at: grant.access_token_expires_at,
            refresh_token_expires_at: grant.refresh_token_expires_at,
        }
    }

    /// The condition of a grant's record.
    pub(crate) fn of_record(grant: &'a Grant) -> Self {
        let pair = grant.pair.as_ref();
        Self {
            state: Some(ShownState::from(grant.state)),
            failing: grant.state == State::Active && grant.failure.is_some(),
            code: grant.failure.as_ref().map(|failure| failure.code.as_str()),
            access_token_expires_at: pair.map(|pair| pair.access_token_expires_at),
            refresh_token_expires_at: pair.and_then(|pair| pair.refresh_token_expires_at),
        }
    }

    /// Whether it needs a person. A grant that waits for Webex needs nobody until something fails.
    pub fn needs_person(&self) -> bool {
        match self.state {
            Some(ShownState::Unreadable) => true,
            Some(ShownState::Active) => self.failing,
            Some(ShownState::Pending | ShownState::Fenced) => {
                matches!(self.code, Some(code) if code != Failure::REAUTHORIZED)
            }
            Some(ShownState::Revoked) | None => false,
        }
    }

    /// When the grant ends if nothing renews it: with its refresh token, or with its access token if it has no other.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.refresh_token_expires_at.or(self.access_token_expires_at)
    }
}

/// What the minter needs a person for; `None` if all is well.
pub fn minter_need(minter: Option<&GrantCondition<'_>>, now: Timestamp) -> Option<MinterNeed> {
    let Some(minter) = minter else { return Some(MinterNeed::Missing) };
    if minter.state? != ShownState::Active {
        return Some(MinterNeed::Inactive);
    }
    let ends_at = minter.ends_at();
    match ends_at {
        Some(ends) if ends <= now => Some(MinterNeed::Ended(ends)),
        _ if minter.failing => Some(MinterNeed::Failing),
        Some(ends) if ends.duration_since(now) < MINTER_ENDING => Some(MinterNeed::Ending(ends)),
        _ => None,
    }
}

impl<'a> AppCondition<'a> {
    /// The condition of an app in an answer to `status`.
    pub fn of_status(app: &'a AppStatus) -> Self {
        let (credentials, webhooks) = (&app.state.credentials, &app.state.webhooks);
        Self {
            problems: &app.problems,
            credentials: credentials.state,
            credentials_reason: credentials.reason.as_deref(),
            webhooks: webhooks.state,
            webhooks_reason: webhooks.reason.as_deref(),
            data_sources: app.state.data_sources,
        }
    }

    /// What the app itself needs a person for, its mistakes first. Its grants count for themselves.
    pub fn needs(&self) -> Vec<AppNeed<'a>> {
        let mut needs: Vec<_> = self.problems.iter().map(|problem| AppNeed::Mistake(problem)).collect();
        if self.credentials == CredentialState::Wrong {
            needs.push(AppNeed::WrongCredentials(self.credentials_reason));
        }
        if self.webhooks == WebhookState::Failing {
            needs.push(AppNeed::WebhooksFailing(self.webhooks_reason));
        }
        if let Some(data_sources) = self.data_sources
            && data_sources.failing + data_sources.ending > 0
        {
            needs.push(AppNeed::DataSources(data_sources));
        }
        needs
    }
}

#[cfg(test)]
mod tests;
