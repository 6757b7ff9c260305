//! What this function is told by its environment.

use broker_core::id::GrantId;
use broker_core::token::Fingerprint;
use lambda_kit::config::{InvalidConfig, Lookup, Reader};
use url::Url;

/// The variables that this function uses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `WEBEX_API_BASE`: where people sign in and grant.
    pub webex_api_base: Url,
    /// `REFRESHER_FUNCTION`: whom to ask for the apps, and to bring codes to.
    pub refresher_function: String,
    /// `MINTER`: the grant that is pointed out on the page.
    pub minter: GrantId,
    /// `SHOW_TOKENS`: whether a token may be shown to the person who consented.
    pub show_tokens: bool,
    /// `CONSENT_KEY_SHA256`: the operator key's digest; without one, this machine alone is served.
    pub key: Option<Fingerprint>,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let (base, function, minter) = (env.webex_api_base(), env.refresher_function(), env.minter());
        let (show_tokens, key) = (env.show_tokens(), env.consent_key());
        env.finish(|| {
            Some(Self {
                webex_api_base: base?,
                refresher_function: function?,
                minter: minter?,
                show_tokens: show_tokens?,
                key: key?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_digest_stops_the_start_and_is_not_shown() {
        let lookup = |name: &str| (name == "CONSENT_KEY_SHA256").then(|| "the-key-itself".to_owned());
        let invalid = Settings::read(&lookup).unwrap_err().to_string();
        assert!(invalid.starts_with("CONSENT_KEY_SHA256 must be the SHA-256"), "{invalid}");
        assert!(!invalid.contains("the-key-itself"));
        assert!(Settings::read(&|_| None).unwrap().key.is_none());
    }
}
