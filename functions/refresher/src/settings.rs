//! What this function is told by its environment.

use broker_core::broker;
use lambda_kit::config::{InvalidConfig, Lookup, Reader};
use url::Url;

/// The variables that this function uses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SECRET_PREFIX`: start of every secret's name.
    pub secret_prefix: String,
    /// `GRANT_KMS_KEY`: ARN of the key for new grants; AWS's own if there is none.
    pub grant_kms_key: Option<String>,
    /// `WEBEX_API_BASE`: where Webex's API is.
    pub webex_api_base: Url,
    /// What the rules go by.
    pub rules: broker::BrokerSettings,
}

impl Settings {
    /// Reads and checks them.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let (secret_prefix, webex_api_base) = (env.secret_prefix(), env.webex_api_base());
        let (minter, renew_at, fence_settle) = (env.minter(), env.renew_at_fraction(), env.fence_settle());
        let grant_kms_key = env.own("GRANT_KMS_KEY", key);
        let (show_tokens, webhook_url) = (env.show_tokens(), env.webhook_url());
        env.finish(|| {
            let rules = broker::BrokerSettings {
                minter: minter?,
                renew_at: renew_at?,
                fence_settle: fence_settle?,
                show_tokens: show_tokens?,
                webhook_url: webhook_url?,
            };
            Some(Self {
                secret_prefix: secret_prefix?,
                grant_kms_key: grant_kms_key?,
                webex_api_base: webex_api_base?,
                rules,
            })
        })
    }
}

/// A wrong key would show only when the next org comes, so at least its form is checked now.
fn key(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "kms", _, _, key] if key.starts_with("key/") => Ok(text.to_owned()),
        _ => Err("the ARN of a KMS key, or not set".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_an_arn_and_an_alias_is_refused() {
        let read = |value: &str| Settings::read(&|name| (name == "GRANT_KMS_KEY").then(|| value.to_owned()));
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab";
        assert_eq!(read(arn).unwrap().grant_kms_key.as_deref(), Some(arn));
        assert_eq!(read("").unwrap().grant_kms_key, None);
        for wrong in ["alias/mine", "1234abcd-12ab", "arn:aws:kms:eu-central-1:111122223333:alias/mine"] {
            assert!(read(wrong).unwrap_err().to_string().starts_with("GRANT_KMS_KEY"), "{wrong}");
        }
    }
}
