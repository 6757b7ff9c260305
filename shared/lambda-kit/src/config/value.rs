//! Checks of values. Each returns the value in the form in which it is used, or `None` if it is malformed.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use http::Uri;
use jiff::SignedDuration;
use url::Url;

/// Longest prefix of secret names: Secrets Manager takes names of 512 characters, and `grants/{app}/{subject}` needs up
/// to 104 of them.
const LONGEST_PREFIX: usize = 400;
/// Longest reference to a Lambda function, an ARN with a qualifier; Lambda itself takes 170 characters.
const LONGEST_FUNCTION: usize = 200;
/// Longest value of a dimension (CloudWatch API Reference, "Dimension").
const LONGEST_DIMENSION: usize = 1024;

/// Domains of Webex's own API hosts. Every path there begins with `/v1`.
const WEBEX_DOMAINS: [&str; 2] = ["webexapis.com", "webex.com"];

/// The start of a secret's name, in the characters that Secrets Manager takes.
pub(super) fn secret_prefix(text: &str) -> Option<String> {
    let allowed = text.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c));
    if allowed && text.len() <= LONGEST_PREFIX { Some(text.to_owned()) } else { None }
}

/// A Lambda function's name or ARN, with or without a qualifier.
pub(super) fn lambda_function(text: &str) -> Option<String> {
    let allowed = text.chars().all(|c| c.is_ascii_alphanumeric() || ":_-$.".contains(c));
    if allowed && text.len() <= LONGEST_FUNCTION { Some(text.to_owned()) } else { None }
}

/// The value of a dimension, in the characters that CloudWatch takes.
pub(super) fn metric_dimension(text: &str) -> Option<String> {
    let printable = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let is_blank = text.trim().is_empty();
    if printable && !is_blank && text.len() <= LONGEST_DIMENSION { Some(text.to_owned()) } else { None }
}

/// A base URL over which tokens may travel: `https`, or plain `http` on loopback.
pub(super) fn token_url(text: &str) -> Option<Url> {
    let url = base_url(text)?;
    if url.starts_with("https:") || is_loopback(&url) { Url::parse(&url).ok() } else { None }
}

/// Whether `url` is at one of Webex's API hosts but lacks the path `/v1`, without which every call answers 404.
pub(super) fn lacks_webex_version(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_webex = WEBEX_DOMAINS.iter().any(|domain| match host.strip_suffix(domain) {
        Some(subdomain) => subdomain.is_empty() || subdomain.ends_with('.'),
        None => false,
    });
    is_webex && url.path() != "/v1"
}

/// An `http` or `https` URL without user, query or fragment. The result has no slash at its end.
pub fn base_url(text: &str) -> Option<String> {
    // `Url` checks the port. `Uri` refuses what `Url` would repair in silence, such as a blank or a missing `//`.
    Url::parse(text).ok()?;
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_plain = !authority.as_str().contains('@') && !text.contains(['?', '#']);
    if is_http && is_plain && !authority.host().is_empty() { Some(text.trim_end_matches('/').to_owned()) } else { None }
}

/// Whether `url` leads to this machine: `127.0.0.0/8`, `::1` or `localhost`.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => false,
    }
}

/// A whole number of seconds.
pub(super) fn seconds(text: &str, allowed: &RangeInclusive<i64>) -> Option<SignedDuration> {
    let seconds: i64 = text.parse().ok()?;
    if allowed.contains(&seconds) { Some(SignedDuration::from_secs(seconds)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_loopback_accepts_only_this_machine() {
        for loopback in ["http://127.0.0.1:4566", "http://127.9.9.9", "http://[::1]:80/", "https://LocalHost/x"] {
            assert!(is_loopback(loopback), "{loopback}");
        }
        for other in [
            "https://secretsmanager.eu-central-1.amazonaws.com",
            "http://127.0.0.1@evil.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "http://[::2]",
            "127.0.0.1 ",
            "",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }

    #[test]
    fn token_url_is_https_or_loopback() {
        let accepted = |text| token_url(text).map(String::from);
        assert_eq!(accepted("https://webexapis.com/v1/").as_deref(), Some("https://webexapis.com/v1"));
        assert_eq!(accepted("http://127.0.0.1:9/v1").as_deref(), Some("http://127.0.0.1:9/v1"));
        for bad in [
            "http://webexapis.com/v1",
            "ftp://webexapis.com",
            "webexapis.com",
            "https://user:pass@webexapis.com",
            "https://webexapis.com?x=1",
            "https://webexapis.com/#x",
            "/v1",
            "https://",
            "https://webexapis.com:99999",
        ] {
            assert_eq!(token_url(bad), None, "{bad}");
        }
        assert!(base_url("http://hooks.example").is_some());
    }

    #[test]
    fn seconds_are_whole_and_within_range() {
        assert!(seconds("0", &(0..=60)).is_some());
        for bad in ["-1", "61", "1.5", "", "60s", "99999999999999999999"] {
            assert_eq!(seconds(bad, &(0..=60)), None, "{bad}");
        }
    }

    #[test]
    fn secret_prefix_has_the_characters_of_secrets_manager() {
        assert!(secret_prefix("team-a/webex_+=.@/").is_some());
        assert_eq!(secret_prefix("a b/"), None);
        assert_eq!(secret_prefix(&"a".repeat(401)), None);
    }

    #[test]
    fn metric_dimension_has_the_characters_of_cloudwatch() {
        for right in ["webex-token-broker", "team a: broker", &"a".repeat(1024)] {
            assert_eq!(metric_dimension(right).as_deref(), Some(right));
        }
        for wrong in ["", " ", "a\tb", "a\n", "stück", &"a".repeat(1025)] {
            assert_eq!(metric_dimension(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn webex_hosts_without_v1_are_recognised() {
        let lacks = |text: &str| lacks_webex_version(&text.parse().unwrap());
        for wrong in [
            "https://webexapis.com",
            "https://webexapis.com/",
            "https://webexapis.com/v2",
            "https://webexapis.com/v1/people",
            "https://WebexAPIs.com",
            "https://integration.webexapis.com",
            "https://api.webex.com",
        ] {
            assert!(lacks(wrong), "{wrong}");
        }
        for right in
            ["https://webexapis.com/v1", "https://webexapis.com:443/v1", "http://127.0.0.1:9", "https://notwebex.com"]
        {
            assert!(!lacks(right), "{right}");
        }
    }
}
