//! Configuration from the environment.

use broker_core::broker;
use broker_core::id::GrantId;
use broker_core::schedule::RenewAt;
use lambda_kit::config::{InvalidConfig, Lookup, Reader, Variable, base_url};
use url::Url;

const METRICS_STACK: Variable = Variable::optional("METRICS_STACK");
const SECRET_PREFIX: Variable = Variable::with_default("SECRET_PREFIX", "webex-token-broker/");
const GRANT_KMS_KEY: Variable = Variable::optional("GRANT_KMS_KEY");
const WEBEX_API_BASE: Variable = Variable::with_default("WEBEX_API_BASE", "https://webexapis.com/v1");
const MINTER: Variable = Variable::with_default("MINTER", "minter/default");
const RENEW_AT_FRACTION: Variable = Variable::with_default("RENEW_AT_FRACTION", "0.5");
const FENCE_SETTLE: Variable = Variable::with_default("FENCE_SETTLE", "300");
const SWEEP_INTERVAL: Variable = Variable::with_default("SWEEP_INTERVAL", "3600");
const SHOW_TOKENS: Variable = Variable::with_default("SHOW_TOKENS", "false");
const WEBHOOK_URL: Variable = Variable::optional("WEBHOOK_URL");
const EVENT_BUS: Variable = Variable::optional("EVENT_BUS");
const PACK_ABOVE: Variable = Variable::with_default("PACK_ABOVE", "100");
const CONSOLE_URL: Variable = Variable::optional("CONSOLE_URL");

/// The variables that this function reads.
pub const VARIABLES: &[Variable] = &[
    METRICS_STACK,
    SECRET_PREFIX,
    GRANT_KMS_KEY,
    WEBEX_API_BASE,
    MINTER,
    RENEW_AT_FRACTION,
    FENCE_SETTLE,
    SWEEP_INTERVAL,
    SHOW_TOKENS,
    WEBHOOK_URL,
    EVENT_BUS,
    PACK_ABOVE,
    CONSOLE_URL,
];

/// The settings of the refresher.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `METRICS_STACK`: the value of the metrics' dimension `stack`; `None` for metrics without it.
    pub metrics_stack: Option<String>,
    /// `SECRET_PREFIX`: prefix of the names of all secrets.
    pub secret_prefix: String,
    /// `GRANT_KMS_KEY`: ARN of the key that encrypts new grants; `None` for the key that AWS manages.
    pub grant_kms_key: Option<String>,
    /// `WEBEX_API_BASE`: base URL of the Webex API.
    pub webex_api_base: Url,
    /// `EVENT_BUS`: name or ARN of the event bus for changes and notices; `None` sends nothing.
    pub event_bus: Option<String>,
    /// The settings of the core.
    pub rules: broker::BrokerSettings,
}

impl Settings {
    /// Reads and checks the variables.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, InvalidConfig> {
        let mut env = Reader::new(lookup);
        let metrics_stack = env.metric_dimension(METRICS_STACK);
        let secret_prefix = env.secret_prefix(SECRET_PREFIX);
        let grant_kms_key = env.optional(GRANT_KMS_KEY, parse_kms_key);
        let webex_api_base = env.webex_api(WEBEX_API_BASE);
        let minter = env.parsed(MINTER, "app/subject, such as minter/default", |text| GrantId::parse(text).ok());
        let renew_at = env.parsed(RENEW_AT_FRACTION, &allowed_fractions(), parse_fraction);
        let fence_settle = env.seconds(FENCE_SETTLE, &(0..=86_400));
        let sweep_interval = env.seconds(SWEEP_INTERVAL, &(60..=86_400));
        let show_tokens = env.flag(SHOW_TOKENS);
        let webhook_url = env.optional(WEBHOOK_URL, parse_base_url);
        let event_bus = env.optional(EVENT_BUS, parse_event_bus);
        let pack_above = env.parsed(PACK_ABOVE, "a number of grants, or 0 for never", |text| text.parse().ok());
        let console_url = env.optional(CONSOLE_URL, parse_base_url);
        env.finish(|| {
            let rules = broker::BrokerSettings {
                minter: minter?,
                renew_at: renew_at?,
                fence_settle: fence_settle?,
                sweep_interval: sweep_interval?,
                show_tokens: show_tokens?,
                webhook_url: webhook_url?,
                pack_above: pack_above?,
                console_url: console_url?,
            };
            Some(Self {
                metrics_stack: metrics_stack?,
                secret_prefix: secret_prefix?,
                grant_kms_key: grant_kms_key?,
                webex_api_base: webex_api_base?,
                event_bus: event_bus?,
                rules,
            })
        })
    }
}

/// Checks the form alone. Secrets Manager uses the key only when it creates a grant, so that a wrong one would show
/// with the next org at the earliest.
fn parse_kms_key(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "kms", _, _, key] if key.starts_with("key/") => Ok(text.to_owned()),
        _ => Err("the ARN of a KMS key, or not set".to_owned()),
    }
}

fn allowed_fractions() -> String {
    let (least, greatest) = (RenewAt::LEAST, RenewAt::GREATEST);
    format!("a fraction from {least} to {greatest}, so that some sweeps always fall between due and dead")
}

fn parse_fraction(text: &str) -> Option<RenewAt> {
    RenewAt::new(text.parse().ok()?)
}

/// The characters are those that `PutEvents` takes.
fn parse_event_bus(text: &str) -> Result<String, String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/.-_:".contains(c);
    if text.len() <= 1600 && text.chars().all(is_allowed) {
        return Ok(text.to_owned());
    }
    Err("the name or the ARN of an event bus, or not set".to_owned())
}

fn parse_base_url(text: &str) -> Result<String, String> {
    base_url(text).ok_or_else(|| "an http or https URL without user, query or fragment".to_owned())
}

#[cfg(test)]
mod tests {
    use lambda_kit::config::testing::{assert_reads_exactly, assert_refused_by_name};

    use super::*;

    #[test]
    fn kms_key_must_be_the_arn_of_a_key() {
        let read = |value: &str| Settings::read(&|name| (name == "GRANT_KMS_KEY").then(|| value.to_owned()));
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab";
        assert_eq!(read(arn).unwrap().grant_kms_key.as_deref(), Some(arn));
        assert_eq!(read("").unwrap().grant_kms_key, None);
        for wrong in ["alias/mine", "1234abcd-12ab", "arn:aws:kms:eu-central-1:111122223333:alias/mine"] {
            assert!(read(wrong).unwrap_err().to_string().starts_with("GRANT_KMS_KEY"), "{wrong}");
        }
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
                ("RENEW_AT_FRACTION", "1.0"),
                ("FENCE_SETTLE", "-1"),
                ("SHOW_TOKENS", "yes"),
                ("WEBHOOK_URL", "hooks.example"),
                ("EVENT_BUS", "no such bus"),
                ("CONSOLE_URL", "console.example"),
                ("METRICS_STACK", " "),
            ],
            Settings::read,
        );
    }
}
