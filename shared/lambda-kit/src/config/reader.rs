//! The variables of the contract, each with its default and what it may be.

use std::fmt;
use std::ops::RangeInclusive;

use broker_core::id::GrantId;
use broker_core::schedule::RenewAt;
use broker_core::token::Fingerprint;
use jiff::SignedDuration;
use url::Url;

use super::{Lookup, check};

/// Longest settle time, in seconds: a day.
const SETTLE: RangeInclusive<i64> = 0..=86_400;
/// Longest that a fence may go unseen, in seconds: an hour.
const TTL: RangeInclusive<i64> = 0..=3_600;

/// One variable that is missing or malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Its name.
    pub variable: &'static str,
    /// Its value, where there is one that may be shown.
    pub value: Option<String>,
    /// What it may be.
    pub allowed: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} is {value:?}: it must be {}", self.variable, self.allowed),
            None => write!(f, "{} must be {}", self.variable, self.allowed),
        }
    }
}

/// Everything that is wrong with the configuration. The function must not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Invalid::to_string).collect::<Vec<_>>().join("; "))]
pub struct InvalidConfig(pub Vec<Invalid>);

/// Two checks whose problems are to be reported together.
pub(crate) trait Also {
    /// This result, if `other` is good too.
    fn also(self, other: Result<(), InvalidConfig>) -> Self;
}

impl<T> Also for Result<T, InvalidConfig> {
    fn also(self, other: Result<(), InvalidConfig>) -> Self {
        match (self, other) {
            (mine, Ok(())) => mine,
            (Ok(_), Err(other)) => Err(other),
            (Err(mine), Err(other)) => Err(InvalidConfig([mine.0, other.0].concat())),
        }
    }
}

/// Reads variables and collects what is wrong with them.
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    invalid: Vec<Invalid>,
}

impl<'a> Reader<'a> {
    /// Reads from `lookup`.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, invalid: Vec::new() }
    }

    /// What `build` makes of the values read before, if all of them were good.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, InvalidConfig> {
        match build() {
            Some(settings) if self.invalid.is_empty() => Ok(settings),
            _ => Err(InvalidConfig(self.invalid)),
        }
    }

    /// `SECRET_PREFIX`: start of every secret's name.
    pub fn secret_prefix(&mut self) -> Option<String> {
        let allowed = "up to 400 of the characters A-Z a-z 0-9 / _ + = . @ -";
        self.parsed("SECRET_PREFIX", "webex-token-broker/", allowed, check::secret_prefix)
    }

    /// `WEBEX_API_BASE`.
    pub fn webex_api_base(&mut self) -> Option<Url> {
        let allowed = "an https URL without user, query or fragment (plain http, which shows tokens to everybody on \
                       the way, is for loopback only)";
        self.parsed("WEBEX_API_BASE", "https://webexapis.com/v1", allowed, |text| check::token_url(text)?.parse().ok())
    }

    /// `MINTER`: the grant whose access token mints.
    pub fn minter(&mut self) -> Option<GrantId> {
        let allowed = "app/subject, such as minter/default";
        self.parsed("MINTER", "minter/default", allowed, |text| GrantId::parse(text).ok())
    }

    /// `REFRESHER_FUNCTION`: name or ARN.
    pub fn refresher_function(&mut self) -> Option<String> {
        let allowed = "a Lambda function's name or ARN";
        self.parsed("REFRESHER_FUNCTION", "refresher", allowed, check::function)
    }

    /// `WEBHOOK_URL`, without a slash at its end; `Some(None)` if there is none.
    pub fn webhook_url(&mut self) -> Option<Option<String>> {
        let allowed = "an http or https URL without user, query or fragment";
        match self.value("WEBHOOK_URL") {
            None => Some(None),
            Some(_) => self.parsed("WEBHOOK_URL", "", allowed, check::base_url).map(Some),
        }
    }

    /// `RENEW_AT_FRACTION`: share of a lifetime.
    pub fn renew_at_fraction(&mut self) -> Option<RenewAt> {
        let allowed = format!(
            "a fraction from {} to {}, so that some sweeps always fall between due and dead",
            RenewAt::LEAST,
            RenewAt::GREATEST
        );
        let share = |text: &str| RenewAt::new(text.parse().ok()?);
        self.parsed("RENEW_AT_FRACTION", "0.5", &allowed, share)
    }

    /// `FENCE_SETTLE`.
    pub fn fence_settle(&mut self) -> Option<SignedDuration> {
        self.seconds("FENCE_SETTLE", "300", &SETTLE)
    }

    /// `CACHE_TTL`.
    pub fn cache_ttl(&mut self) -> Option<SignedDuration> {
        self.seconds("CACHE_TTL", "60", &TTL)
    }

    /// `SHOW_TOKENS`.
    pub fn show_tokens(&mut self) -> Option<bool> {
        self.flag("SHOW_TOKENS")
    }

    /// `CONSENT_KEY_SHA256`; `Some(None)` if there is none. A wrong one is not shown: it may be the key itself.
    pub fn consent_key(&mut self) -> Option<Option<Fingerprint>> {
        let Some(value) = self.value("CONSENT_KEY_SHA256") else {
            return Some(None);
        };
        let key = Fingerprint::parse(&value);
        if key.is_none() {
            let allowed = "the SHA-256 of the operator key as 64 hexadecimal digits, or not set".to_owned();
            self.refuse("CONSENT_KEY_SHA256", None, allowed);
        }
        key.map(Some)
    }

    /// `ALLOW_ENVELOPE_ORG`.
    pub fn allow_envelope_org(&mut self) -> Option<bool> {
        self.flag("ALLOW_ENVELOPE_ORG")
    }

    /// `CALLERS`: whether it is `open`. Whether it may be is [`crate::aws::may_be_open`]'s to say.
    pub fn open_callers(&mut self) -> Option<bool> {
        let open = |text: &str| matches!(text, "open").then_some(true);
        match self.value("CALLERS") {
            None => Some(false),
            Some(_) => self.parsed("CALLERS", "", "open, or not set", open),
        }
    }

    /// What the Lambda runtime client cannot do without; it would panic.
    pub fn lambda_runtime(&mut self) {
        const NEEDED: [&str; 4] = [
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        ];
        if let Some(missing) = NEEDED.into_iter().find(|name| self.value(name).is_none()) {
            let allowed = "set, which Lambda and `cargo lambda watch` do: this program runs nowhere else";
            self.refuse(missing, None, allowed.to_owned());
        }
    }

    /// A variable that only one function knows; `Some(None)` if it is not set. The error of `read` says what it may be.
    pub fn own<T>(
        &mut self,
        variable: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let Some(value) = self.value(variable) else { return Some(None) };
        match read(&value) {
            Ok(own) => Some(Some(own)),
            Err(allowed) => {
                self.refuse(variable, Some(value), allowed);
                None
            }
        }
    }

    fn seconds(
        &mut self,
        variable: &'static str,
        default: &str,
        range: &RangeInclusive<i64>,
    ) -> Option<SignedDuration> {
        let allowed = format!("a whole number of seconds from {} to {}", range.start(), range.end());
        self.parsed(variable, default, &allowed, |text| check::seconds(text, range))
    }

    fn flag(&mut self, variable: &'static str) -> Option<bool> {
        self.parsed(variable, "false", "true or false", |text| text.parse().ok())
    }

    fn parsed<T>(
        &mut self,
        variable: &'static str,
        default: &str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(variable);
        let parsed = parse(value.as_deref().unwrap_or(default));
        if parsed.is_none() {
            self.refuse(variable, value, allowed.to_owned());
        }
        parsed
    }

    fn value(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable).filter(|value| !value.is_empty())
    }

    /// A URL with a user in it may have a password in it too; such a value is not shown.
    fn refuse(&mut self, variable: &'static str, value: Option<String>, allowed: String) {
        let value = value.filter(|value| !value.contains("://") || !value.contains('@'));
        self.invalid.push(Invalid { variable, value, allowed });
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
