//! What the refresher is configured with.

use broker_core::broker::Settings;
use edge::config::{InvalidConfig, Lookup, Reader};
use url::Url;

/// The refresher's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Start of every secret's name.
    pub secret_prefix: String,
    /// Where Webex's API is.
    pub webex_api_base: Url,
    /// What the rules go by.
    pub settings: Settings,
}

/// Reads the variables that the refresher uses.
pub fn read(lookup: Lookup<'_>) -> Result<Config, InvalidConfig> {
    let mut env = Reader::new(lookup);
    let secret_prefix = env.secret_prefix();
    let webex_api_base = env.webex_api_base();
    let (minter, renew_at, fence_settle) = (env.minter(), env.renew_at_fraction(), env.fence_settle());
    let (show_tokens, webhook_url) = (env.show_tokens(), env.webhook_url());
    env.finish(|| {
        let settings = Settings {
            minter: minter?,
            renew_at: renew_at?,
            fence_settle: fence_settle?,
            show_tokens: show_tokens?,
            webhook_url: webhook_url?,
        };
        Some(Config {
            secret_prefix: secret_prefix?,
            webex_api_base: Url::parse(&webex_api_base?).ok()?,
            settings,
        })
    })
}
