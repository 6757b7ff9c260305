//! This machine's clock against AWS's.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::Check;

/// Seconds of difference that are reported.
const NOTICEABLE: i64 = 60;
/// Seconds of difference from which on AWS refuses signatures.
const LONGEST: i64 = 300;

/// Keeps the `Date` header of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct AwsDate(Arc<Mutex<Option<String>>>);

impl AwsDate {
    /// The check at the time `now`; none if AWS gave no date.
    pub(super) fn check(&self, now: Timestamp) -> Option<Check> {
        let header = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let theirs = DateTimeParser::new().parse_timestamp(header).ok()?;
        let ahead = now.duration_since(theirs).as_secs();
        let direction = if ahead < 0 { "behind" } else { "ahead of" };
        let what = format!("{} s {direction} AWS's", ahead.abs());
        let todo = "set this machine's clock, for example with NTP: AWS refuses signatures that are 5 minutes off";
        Some(match ahead.abs() {
            ..NOTICEABLE => Check::ok("clock", what),
            NOTICEABLE..LONGEST => Check::warn("clock", what, todo),
            _ => Check::fail("clock", what, todo),
        })
    }
}

impl Intercept for AwsDate {
    fn name(&self) -> &'static str {
        "AwsDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(str::to_owned);
        Ok(())
    }
}
