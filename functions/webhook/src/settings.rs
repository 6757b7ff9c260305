//! What this function is told by its environment.

use jiff::SignedDuration;
use lambda_kit::config::{InvalidConfig, Lookup, Reader};

/// The variables that this function uses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SECRET_PREFIX`: start of every secret's name.
    pub secret_prefix: String,
    /// `REFRESHER_FUNCTION`: whom to hand events to.
    pub refresher_function: String,
    /// `CACHE_TTL`: how long an app's webhook secrets are kept.
    pub cache_ttl: SignedDuration,
    /// `ALLOW_ENVELOPE_ORG`: whether the envelope's `orgId` may stand in for a missing `data.authorizerOrgId`.
    pub allow_envelope_org: bool,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let (prefix, function) = (env.secret_prefix(), env.refresher_function());
        let (ttl, allow) = (env.cache_ttl(), env.allow_envelope_org());
        env.finish(|| {
            Some(Self {
                secret_prefix: prefix?,
                refresher_function: function?,
                cache_ttl: ttl?,
                allow_envelope_org: allow?,
            })
        })
    }
}
