//! An authorization flow: ties Webex's redirect to the browser that was sent there.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use broker_core::id::GrantId;
use broker_core::sync::lock;
use broker_core::token::{CodeVerifier, FlowState, LinkToken};
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::cookie::HostCookie;
use crate::grant_request::GrantRequest;
use crate::seal::{CookieSeal, CryptoError, random_text};

/// How long a person may take at Webex.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How far the clocks of two execution environments may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A flow in progress.
#[derive(Debug)]
pub(crate) struct AuthorizationFlow {
    pub(crate) request: GrantRequest,
    pub(crate) redirect_uri: String,
    pub(crate) state: FlowState,
    pub(crate) verifier: CodeVerifier,
    /// The link that the person came by; `None` for an operator.
    pub(crate) link: Option<LinkToken>,
    started_at: Timestamp,
}

/// A flow that ended with a grant.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GrantedFlow {
    #[serde(flatten)]
    pub(crate) id: GrantId,
    pub(crate) granted_at: Timestamp,
    /// SHA-256 of the flow's `state`.
    state_sha256: String,
}

/// What the browser's cookie says about a redirect.
#[derive(Debug)]
pub(crate) enum ResumedFlow {
    /// The flow is in progress.
    InProgress(AuthorizationFlow),
    /// The flow has ended, and the page was loaded again.
    Granted(GrantedFlow),
}

/// Why a redirect is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FlowError {
    /// This browser started no flow, has finished it, or keeps no cookies.
    #[error("this browser has no flow in progress")]
    Missing,
    /// This function did not seal the cookie for this operator.
    #[error("the flow's cookie cannot be opened")]
    Unreadable,
    /// It was started more than ten minutes ago.
    #[error("the flow has expired")]
    Expired,
    /// The redirect belongs to another flow, perhaps of another browser.
    #[error("state is missing or belongs to another flow")]
    StateMismatch,
    /// The redirect was accepted once already.
    #[error("the flow has been finished before")]
    Replayed,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FlowCookie {
    InProgress(StartedFlow),
    Granted(GrantedFlow),
}

#[derive(Serialize, Deserialize)]
struct StartedFlow {
    #[serde(flatten)]
    id: GrantId,
    scope: String,
    show: bool,
    redirect_uri: String,
    state: String,
    verifier: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    link: Option<String>,
    started_at: Timestamp,
}

impl AuthorizationFlow {
    /// Starts a flow with a `state` and a PKCE verifier of its own.
    pub(crate) fn start(request: GrantRequest, redirect_uri: String, now: Timestamp) -> Result<Self, CryptoError> {
        Ok(Self {
            request,
            redirect_uri,
            state: FlowState::new(random_text()?),
            verifier: CodeVerifier::new(random_text()?),
            link: None,
            started_at: now,
        })
    }

    /// The flow of a person who came by `link`.
    pub(crate) fn by_link(self, link: LinkToken) -> Self {
        Self { link: Some(link), ..self }
    }

    /// PKCE's challenge by S256 (RFC 7636 section 4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()))
    }

    /// The cookie with which [`resume`] finds the flow.
    pub(crate) fn cookie(&self, seal: &CookieSeal) -> Result<HeaderValue, CryptoError> {
        let flow = StartedFlow {
            id: self.request.id.clone(),
            scope: self.request.scope(),
            show: self.request.show,
            redirect_uri: self.redirect_uri.clone(),
            state: self.state.expose().to_owned(),
            verifier: self.verifier.expose().to_owned(),
            link: self.link.as_ref().map(|link| link.expose().to_owned()),
            started_at: self.started_at,
        };
        sealed(&FlowCookie::InProgress(flow), seal)
    }

    /// The cookie that takes the place of [`cookie`](Self::cookie) when the flow has led to a grant.
    pub(crate) fn granted_cookie(&self, seal: &CookieSeal, now: Timestamp) -> Result<HeaderValue, CryptoError> {
        let state_sha256 = self.state.fingerprint().hex();
        let flow = GrantedFlow { id: self.request.id.clone(), granted_at: now, state_sha256 };
        sealed(&FlowCookie::Granted(flow), seal)
    }

    /// Accepts the redirect that brings `state`.
    fn accept(self, state: Option<&str>, now: Timestamp) -> Result<Self, FlowError> {
        let age = now.duration_since(self.started_at);
        if age >= LIFETIME || age < -CLOCK_SKEW {
            return Err(FlowError::Expired);
        }
        // The comparison of digests says nothing about the value by the time it takes.
        if FlowState::new(state.unwrap_or_default()).fingerprint() != self.state.fingerprint() {
            return Err(FlowError::StateMismatch);
        }
        Ok(self)
    }
}

impl From<StartedFlow> for AuthorizationFlow {
    fn from(flow: StartedFlow) -> Self {
        let scopes = flow.scope.split(' ').map(str::to_owned).collect();
        Self {
            request: GrantRequest { id: flow.id, scopes, show: flow.show },
            redirect_uri: flow.redirect_uri,
            state: FlowState::new(flow.state),
            verifier: CodeVerifier::new(flow.verifier),
            link: flow.link.map(LinkToken::new),
            started_at: flow.started_at,
        }
    }
}

fn sealed(cookie: &FlowCookie, seal: &CookieSeal) -> Result<HeaderValue, CryptoError> {
    let cookie = serde_json::to_vec(cookie).map_err(|_| CryptoError)?;
    HostCookie::Flow.set(&seal.seal(&cookie)?, LIFETIME).ok_or(CryptoError)
}

/// Opens a flow's cookie for a redirect that brings `state`. A granted flow is also found without a `state`: the page's
/// script removes it from the address.
pub(crate) fn resume(
    cookie: &str,
    seal: &CookieSeal,
    state: Option<&str>,
    now: Timestamp,
) -> Result<ResumedFlow, FlowError> {
    let cookie = seal.open(cookie).ok_or(FlowError::Unreadable)?;
    match serde_json::from_slice(&cookie) {
        Ok(FlowCookie::InProgress(flow)) => {
            AuthorizationFlow::from(flow).accept(state, now).map(ResumedFlow::InProgress)
        }
        Ok(FlowCookie::Granted(flow)) => match state {
            Some(state) if FlowState::new(state).fingerprint().hex() != flow.state_sha256 => {
                Err(FlowError::StateMismatch)
            }
            _ => Ok(ResumedFlow::Granted(flow)),
        },
        Err(_) => Err(FlowError::Unreadable),
    }
}

/// The flows that this execution environment has finished.
///
/// A flow is single use because the browser's cookie is replaced at the callback. This catches copies of the cookie.
#[derive(Default)]
pub(crate) struct FinishedFlows(Mutex<HashMap<String, Timestamp>>);

impl FinishedFlows {
    /// Records that `flow` is finished. The error says that it was finished before.
    pub(crate) fn finish(&self, flow: &AuthorizationFlow, now: Timestamp) -> Result<(), FlowError> {
        let mut finished = lock(&self.0);
        finished.retain(|_, until| now < *until);
        match finished.insert(flow.state.fingerprint().hex(), now + LIFETIME + CLOCK_SKEW) {
            None => Ok(()),
            Some(_) => Err(FlowError::Replayed),
        }
    }
}

#[cfg(test)]
mod tests;
