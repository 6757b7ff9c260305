//! Configuration from the environment.

use broker_core::id::GrantId;
use broker_core::token::Fingerprint;
use lambda_kit::base_path::BasePath;
use lambda_kit::config::{InvalidConfig, Lookup, Reader, Variable};
use url::Url;

const WEBEX_API_BASE: Variable = Variable::with_default("WEBEX_API_BASE", "https://webexapis.com/v1");
const REFRESHER_FUNCTION: Variable = Variable::with_default("REFRESHER_FUNCTION", "refresher");
const MINTER: Variable = Variable::with_default("MINTER", "minter/default");
const SHOW_TOKENS: Variable = Variable::with_default("SHOW_TOKENS", "false");
const BASE_PATH: Variable = Variable::optional("BASE_PATH");
/// Confidential, because an operator may have set the key itself in place of its digest.
const CONSENT_KEY_SHA256: Variable = Variable::optional("CONSENT_KEY_SHA256").confidential();

/// The variables that this function reads.
pub const VARIABLES: &[Variable] =
    &[WEBEX_API_BASE, REFRESHER_FUNCTION, MINTER, SHOW_TOKENS, BASE_PATH, CONSENT_KEY_SHA256];

/// The settings of the consent function.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `WEBEX_API_BASE`: base URL of the Webex API, where users sign in and consent.
    pub webex_api_base: Url,
    /// `REFRESHER_FUNCTION`: name or ARN of the function that lists the apps and exchanges codes.
    pub refresher_function: String,
    /// `MINTER`: the grant that the page marks as the minter's.
    pub minter: GrantId,
    /// `SHOW_TOKENS`: whether the page may show a token to the user who consented.
    pub show_tokens: bool,
    /// `BASE_PATH`: the path below which the pages are.
    pub base_path: BasePath,
    /// `CONSENT_KEY_SHA256`: SHA-256 of the operator key. Without one, only requests from loopback are served.
    pub key: Option<Fingerprint>,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let webex_api_base = env.webex_api(WEBEX_API_BASE);
        let refresher_function = env.lambda_function(REFRESHER_FUNCTION);
        let minter = env.parsed(MINTER, "app/subject, such as minter/default", |text| GrantId::parse(text).ok());
        let show_tokens = env.flag(SHOW_TOKENS);
        let base_path = env.base_path(BASE_PATH);
        let key = env.optional(CONSENT_KEY_SHA256, parse_digest);
        env.finish(|| {
            Some(Self {
                webex_api_base: webex_api_base?,
                refresher_function: refresher_function?,
                minter: minter?,
                show_tokens: show_tokens?,
                base_path: base_path?,
                key: key?,
            })
        })
    }
}

fn parse_digest(text: &str) -> Result<Fingerprint, String> {
    let allowed = "the SHA-256 of the operator key as 64 hexadecimal digits, or not set";
    Fingerprint::parse(text).ok_or_else(|| allowed.to_owned())
}

#[cfg(test)]
mod tests {
    use lambda_kit::config::testing::{assert_reads_exactly, assert_refused_by_name};

    use super::*;

    #[test]
    fn malformed_digest_is_refused_and_not_shown() {
        let lookup = |name: &str| (name == "CONSENT_KEY_SHA256").then(|| "the-key-itself".to_owned());
        let invalid = Settings::read(&lookup).unwrap_err().to_string();
        assert!(invalid.starts_with("CONSENT_KEY_SHA256 must be the SHA-256"), "{invalid}");
        assert!(!invalid.contains("the-key-itself"));
        assert!(Settings::read(&|_| None).unwrap().key.is_none());
    }

    #[test]
    fn settings_read_exactly_the_declared_variables() {
        assert_reads_exactly(VARIABLES, Settings::read);
    }

    #[test]
    fn malformed_variables_are_refused_by_name() {
        assert_refused_by_name(
            &[
                ("MINTER", "noslash"),
                ("WEBEX_API_BASE", "https://webexapis.com"),
                ("SHOW_TOKENS", "yes"),
                ("BASE_PATH", "a b"),
            ],
            Settings::read,
        );
    }
}
