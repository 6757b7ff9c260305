//! What this function is told by its environment.

use broker_core::id::GrantId;
use edge::config::{InvalidConfig, Lookup, Reader};
use jiff::SignedDuration;
use url::Url;

/// The variables that this function uses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SECRET_PREFIX`: start of every secret's name.
    pub secret_prefix: String,
    /// `WEBEX_API_BASE`: where guests are made.
    pub webex_api_base: Url,
    /// `MINTER`: the grant that is vended to nobody.
    pub minter: GrantId,
    /// `REFRESHER_FUNCTION`: whom to ask for a better pair.
    pub refresher_function: String,
    /// `CACHE_TTL`: how long a record may be served from memory.
    pub cache_ttl: SignedDuration,
    /// `CALLERS=open`: whether callers need no identity. [`crate::build`] refuses it where it could do harm.
    pub open_callers: bool,
}

impl Settings {
    /// Reads and checks them. What would restrict callers and is not there yet must not be set: to ignore it would let
    /// in whom the operator meant to keep out.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let (prefix, base, minter) = (env.secret_prefix(), env.webex_api_base(), env.minter());
        let (function, ttl, open) = (env.refresher_function(), env.cache_ttl(), env.open_callers());
        env.must_be_unset("CALLER_POLICY", "this version has no caller policies yet");
        env.must_be_unset("OIDC_ISSUERS", "this version knows no OIDC callers yet");
        env.finish(|| {
            Some(Self {
                secret_prefix: prefix?,
                webex_api_base: base.and_then(|base| Url::parse(&base).ok())?,
                minter: minter?,
                refresher_function: function?,
                cache_ttl: ttl?,
                open_callers: open?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(variable: &str, value: &str) -> String {
        let lookup = |name: &str| (name == variable).then(|| value.to_owned());
        Settings::read(&lookup).unwrap_err().to_string()
    }

    #[test]
    fn what_would_restrict_callers_and_is_not_there_yet_stops_the_start() {
        assert!(refused("CALLER_POLICY", "policy.cedar").starts_with("CALLER_POLICY"));
        assert!(refused("OIDC_ISSUERS", "[]").starts_with("OIDC_ISSUERS"));
        assert!(refused("CALLERS", "closed").starts_with("CALLERS"));
    }

    #[test]
    fn the_defaults_will_do() {
        let settings = Settings::read(&|_| None).unwrap();
        assert!(!settings.open_callers);
        assert_eq!(settings.minter.to_string(), "minter/default");
    }
}
