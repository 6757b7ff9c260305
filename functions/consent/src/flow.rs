//! A flow under way: what ties Webex's answer to the browser that asked, and how it is believed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use broker_core::id::GrantId;
use broker_core::token::{CodeVerifier, FlowState};
use jiff::{SignedDuration, Timestamp};
use lambda_http::Request;
use lambda_http::http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::choice::Choice;
use crate::cookie::Cookie;
use crate::gate::same;
use crate::seal::{NoRandomness, Seal, random};

/// How long somebody may take at Webex.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How far apart the clocks of two environments may be.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// What the cookie is sealed for.
const PURPOSE: &str = "flow";

/// One flow.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) choice: Choice,
    pub(crate) redirect_uri: String,
    pub(crate) state: FlowState,
    pub(crate) verifier: CodeVerifier,
    begun_at: Timestamp,
}

/// Why what came back is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lost {
    /// This browser has no flow under way: never had, has had, or keeps no cookies.
    #[error("no flow is under way in this browser")]
    Missing,
    /// The cookie is not one of ours.
    #[error("the flow's cookie is not under our seal")]
    Unsealed,
    /// It took too long.
    #[error("the flow has expired")]
    Expired,
    /// It belongs to another flow, or to another browser's.
    #[error("state is missing or belongs to another flow")]
    Wrong,
    /// It has come back before.
    #[error("the flow has come back before")]
    Replayed,
}

/// What the cookie holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    id: GrantId,
    scope: String,
    show: bool,
    redirect_uri: String,
    state: String,
    verifier: String,
    begun_at: Timestamp,
}

impl Flow {
    pub(crate) fn begin(choice: Choice, redirect_uri: String, now: Timestamp) -> Result<Self, NoRandomness> {
        Ok(Self {
            choice,
            redirect_uri,
            state: FlowState::new(random()?),
            verifier: CodeVerifier::new(random()?),
            begun_at: now,
        })
    }

    /// PKCE's challenge by S256 (RFC 7636 section 4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()))
    }

    /// The cookie with which it can be resumed.
    pub(crate) fn cookie(&self, seal: &Seal) -> Option<HeaderValue> {
        let kept = Kept {
            id: self.choice.id.clone(),
            scope: self.choice.scope(),
            show: self.choice.show,
            redirect_uri: self.redirect_uri.clone(),
            state: self.state.expose().to_owned(),
            verifier: self.verifier.expose().to_owned(),
            begun_at: self.begun_at,
        };
        let sealed = seal.close(PURPOSE, &serde_json::to_vec(&kept).ok()?)?;
        Cookie::Flow.set(&sealed, LIFETIME)
    }

    /// The flow that this browser has under way, if `state` is its own.
    pub(crate) fn resume(request: &Request, state: Option<&str>, seal: &Seal, now: Timestamp) -> Result<Self, Lost> {
        let sealed = Cookie::Flow.read(request).filter(|sealed| !sealed.is_empty());
        let payload = seal.open(PURPOSE, &sealed.ok_or(Lost::Missing)?);
        let kept: Kept = payload.and_then(|payload| serde_json::from_slice(&payload).ok()).ok_or(Lost::Unsealed)?;
        let flow = Self::of(kept);
        let age = now.duration_since(flow.begun_at);
        if age >= LIFETIME || age < -SKEW {
            return Err(Lost::Expired);
        }
        let given = FlowState::new(state.unwrap_or_default());
        if !same(&given.fingerprint(), &flow.state.fingerprint()) {
            return Err(Lost::Wrong);
        }
        Ok(flow)
    }

    fn of(kept: Kept) -> Self {
        Self {
            choice: Choice { id: kept.id, scopes: kept.scope.split(' ').map(str::to_owned).collect(), show: kept.show },
            redirect_uri: kept.redirect_uri,
            state: FlowState::new(kept.state),
            verifier: CodeVerifier::new(kept.verifier),
            begun_at: kept.begun_at,
        }
    }
}

/// The flows that have come back to this environment. The browser's cookie is taken back, which is what makes a flow
/// single use; this is for whoever kept a copy.
#[derive(Default)]
pub(crate) struct Ended(Mutex<HashMap<String, Timestamp>>);

impl Ended {
    /// Notes that `flow` has come back; an error if it has before.
    pub(crate) fn end(&self, flow: &Flow, now: Timestamp) -> Result<(), Lost> {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, until| now < *until);
        match ended.insert(flow.state.fingerprint().hex(), now + LIFETIME + SKEW) {
            None => Ok(()),
            Some(_) => Err(Lost::Replayed),
        }
    }
}
