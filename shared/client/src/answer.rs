//! The answers of vend, and of what stands in front of it.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;

use crate::error::{Error, VendProblem};
use crate::token::VendedToken;

/// The longest part of a foreign message that is kept, in characters.
const LONGEST_MESSAGE: usize = 200;
/// The longest lifetime that is believed, in seconds: a year. Webex's access tokens live for 14 days.
const LONGEST_LIFE: u64 = 31_536_000;

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    expires_in: u64,
    subject: Option<String>,
    scope: Option<String>,
}

/// AWS's own refusal, with a capital letter from some services.
#[derive(Deserialize)]
struct AwsRefusal {
    #[serde(alias = "Message")]
    message: String,
}

/// Reads the answer to a request that was sent at `now`.
pub(crate) fn read(status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Result<VendedToken, Error> {
    if status != 200 {
        return Err(read_problem(status, headers, body));
    }
    let unexpected = || Error::UnexpectedAnswer { status, message: String::new() };
    let body: TokenBody = serde_json::from_slice(body).map_err(|_| unexpected())?;
    let is_header_safe = !body.access_token.is_empty() && body.access_token.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_header_safe || body.expires_in > LONGEST_LIFE {
        return Err(unexpected());
    }
    let mut token = VendedToken::new(body.access_token, now, Duration::from_secs(body.expires_in));
    token.subject = body.subject;
    token.scope = body.scope;
    Ok(token)
}

fn read_problem(status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    if let Ok(mut problem) = serde_json::from_slice::<VendProblem>(body)
        && !problem.kind.is_empty()
        && !problem.detail.is_empty()
    {
        problem.status = status;
        problem.retry_after = retry_after(headers);
        return Error::Refused(problem);
    }
    let message = match serde_json::from_slice::<AwsRefusal>(body) {
        Ok(refusal) => first_line(&refusal.message),
        Err(_) => String::new(),
    };
    Error::UnexpectedAnswer { status, message }
}

/// The first line of AWS's message. The lines below it quote the request with the caller's session token.
fn first_line(message: &str) -> String {
    let line = message.trim().lines().next().unwrap_or_default();
    line.chars().take(LONGEST_MESSAGE).collect::<String>().trim().to_owned()
}

/// `Retry-After` in seconds; its other form, a date, is ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if seconds.is_empty() || seconds.len() > 9 {
        return None;
    }
    Some(Duration::from_secs(seconds.parse().ok()?))
}
