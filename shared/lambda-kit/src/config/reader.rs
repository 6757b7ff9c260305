//! Reads variables and collects what is wrong with them.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use url::Url;

use super::error::{InvalidConfig, InvalidVariable};
use super::{Lookup, value};
use crate::base_path::BasePath;

/// What a base URL must be over which tokens travel.
const TOKEN_URL: &str = "an https URL without user, query or fragment (plain http is for loopback only: it shows tokens \
                         to everybody on the way)";

/// A variable of a function, as its `settings.rs` declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name in the environment.
    pub name: &'static str,
    /// The value if it is not set; `None` for a variable that may be absent.
    pub default: Option<&'static str>,
    is_confidential: bool,
}

impl Variable {
    /// A variable that has a default.
    pub const fn with_default(name: &'static str, default: &'static str) -> Self {
        Self { name, default: Some(default), is_confidential: false }
    }

    /// A variable that may be absent.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, default: None, is_confidential: false }
    }

    /// Keeps a malformed value out of the error message.
    #[must_use]
    pub const fn confidential(mut self) -> Self {
        self.is_confidential = true;
        self
    }
}

/// Reads variables of the environment.
///
/// A getter returns `None` after it has recorded what is wrong; [`Reader::finish`] turns the records into an error.
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    problems: Vec<InvalidVariable>,
}

impl<'a> Reader<'a> {
    /// A reader of the variables that `lookup` finds.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// Builds the settings from the values that the getters returned, or returns what is wrong with them.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, InvalidConfig> {
        match build() {
            Some(settings) if self.problems.is_empty() => Ok(settings),
            _ => Err(InvalidConfig(self.problems)),
        }
    }

    /// A value that `parse` understands; `parse` returns `None` for a malformed one. `allowed` completes the sentence
    /// "it must be …" for the operator.
    pub fn parsed<T>(&mut self, variable: Variable, allowed: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.value(variable);
        let parsed = parse(value.as_deref().or(variable.default).unwrap_or_default());
        if parsed.is_none() {
            self.record(variable, value, allowed.to_owned());
        }
        parsed
    }

    /// As [`Reader::parsed`], for a variable that may be absent: `Some(None)` if it is. The error of `parse` completes
    /// the sentence "it must be …".
    pub fn optional<T>(
        &mut self,
        variable: Variable,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let Some(value) = self.value(variable) else {
            return Some(None);
        };
        match parse(&value) {
            Ok(parsed) => Some(Some(parsed)),
            Err(allowed) => {
                self.record(variable, Some(value), allowed);
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, variable: Variable) -> Option<bool> {
        self.parsed(variable, "true or false", |text| text.parse().ok())
    }

    /// A whole number of seconds within `range`.
    pub fn seconds(&mut self, variable: Variable, range: &RangeInclusive<i64>) -> Option<SignedDuration> {
        let allowed = format!("a whole number of seconds from {} to {}", range.start(), range.end());
        self.parsed(variable, &allowed, |text| value::seconds(text, range))
    }

    /// The prefix of the names of secrets.
    pub fn secret_prefix(&mut self, variable: Variable) -> Option<String> {
        let allowed = "up to 400 of the characters A-Z a-z 0-9 / _ + = . @ -";
        self.parsed(variable, allowed, value::secret_prefix)
    }

    /// The name or the ARN of a Lambda function, with or without a qualifier.
    pub fn lambda_function(&mut self, variable: Variable) -> Option<String> {
        self.parsed(variable, "a Lambda function's name or ARN", value::lambda_function)
    }

    /// The value of a dimension of CloudWatch metrics, or `Some(None)` if it is not set.
    pub fn metric_dimension(&mut self, variable: Variable) -> Option<Option<String>> {
        self.optional(variable, |text| {
            let allowed = "1 to 1024 printable ASCII characters, not all of them blanks, or not set";
            value::metric_dimension(text).ok_or_else(|| allowed.to_owned())
        })
    }

    /// Whether callers need no identity: `open`, or not set.
    pub fn open_callers(&mut self, variable: Variable) -> Option<bool> {
        let parse = |text: &str| if text == "open" { Ok(true) } else { Err("open, or not set".to_owned()) };
        Some(self.optional(variable, parse)?.unwrap_or(false))
    }

    /// The path below which the deployment answers; the root if it is not set.
    pub fn base_path(&mut self, variable: Variable) -> Option<BasePath> {
        let allowed = "segments of the characters A-Z a-z 0-9 . _ - separated by slashes, such as webex, or not set";
        let base = self.optional(variable, |text| BasePath::parse(text).ok_or_else(|| allowed.to_owned()))?;
        Some(base.unwrap_or_default())
    }

    /// The base URL of a service that tokens come from, or `Some(None)` if it is not set.
    pub fn token_url(&mut self, variable: Variable) -> Option<Option<Url>> {
        self.optional(variable, |text| value::token_url(text).ok_or_else(|| TOKEN_URL.to_owned()))
    }

    /// The base URL of the Webex API.
    pub fn webex_api(&mut self, variable: Variable) -> Option<Url> {
        let url = self.parsed(variable, TOKEN_URL, value::token_url)?;
        if value::lacks_webex_version(&url) {
            let allowed = "a URL with the path /v1 at a host of Webex, such as https://webexapis.com/v1";
            self.record(variable, self.value(variable), allowed.to_owned());
            return None;
        }
        Some(url)
    }

    fn value(&self, variable: Variable) -> Option<String> {
        (self.lookup)(variable.name).filter(|value| !value.is_empty())
    }

    fn record(&mut self, variable: Variable, value: Option<String>, allowed: String) {
        let value = match value {
            Some(value) if variable.is_confidential || may_hold_password(&value) => None,
            other => other,
        };
        self.problems.push(InvalidVariable { variable: variable.name, value, allowed });
    }
}

/// Whether `value` looks like a URL with a user, which may have a password.
fn may_hold_password(value: &str) -> bool {
    value.contains("://") && value.contains('@')
}

#[cfg(test)]
mod tests;
