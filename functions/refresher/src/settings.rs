//! What this function is told by its environment.

use broker_core::broker;
use edge::config::{InvalidConfig, Lookup, Reader};
use url::Url;

/// The variables that this function uses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SECRET_PREFIX`: start of every secret's name.
    pub secret_prefix: String,
    /// `WEBEX_API_BASE`: where Webex's API is.
    pub webex_api_base: Url,
    /// What the rules go by.
    pub rules: broker::Settings,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let (secret_prefix, webex_api_base) = (env.secret_prefix(), env.webex_api_base());
        let (minter, renew_at, fence_settle) = (env.minter(), env.renew_at_fraction(), env.fence_settle());
        let (show_tokens, webhook_url) = (env.show_tokens(), env.webhook_url());
        env.finish(|| {
            let rules = broker::Settings {
                minter: minter?,
                renew_at: renew_at?,
                fence_settle: fence_settle?,
                show_tokens: show_tokens?,
                webhook_url: webhook_url?,
            };
            Some(Self { secret_prefix: secret_prefix?, webex_api_base: Url::parse(&webex_api_base?).ok()?, rules })
        })
    }
}
