//! What each kind of value must look like. A check returns the value, or `None`.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use http::Uri;
use url::Url;

/// Longest start of a secret's name: Secrets Manager takes 512 characters, `grants/{app}/{subject}` needs up to 104.
const LONGEST_PREFIX: usize = 400;

/// Characters that Secrets Manager takes in names.
pub(super) fn secret_prefix(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    (text.len() <= LONGEST_PREFIX && text.chars().all(fits)).then(|| text.to_owned())
}

/// A function's name, with or without a qualifier, or its ARN.
pub(super) fn function(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ":_-$.".contains(c);
    (text.len() <= 200 && text.chars().all(fits)).then(|| text.to_owned())
}

/// An `https` URL without user, query or fragment; plain `http` on loopback only. Without the slash at its end.
pub(super) fn token_url(text: &str) -> Option<String> {
    base_url(text).filter(|url| url.starts_with("https:") || is_loopback(url))
}

/// An `http` or `https` URL without user, query or fragment, and without the slash at its end.
pub fn base_url(text: &str) -> Option<String> {
    Url::parse(text).ok()?; // which knows what a port is
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?.as_str();
    let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = !authority.contains('@') && !text.contains(['?', '#']);
    (scheme && plain && !uri.host()?.is_empty()).then(|| text.trim_end_matches('/').to_owned())
}

/// Whether `url` leads to this machine: `127.0.0.0/8`, `::1` or `localhost`.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A whole number of seconds.
pub(super) fn seconds(text: &str, allowed: &RangeInclusive<i64>) -> Option<jiff::SignedDuration> {
    let seconds = text.parse().ok().filter(|seconds| allowed.contains(seconds))?;
    Some(jiff::SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for ours in ["http://127.0.0.1:4566", "http://127.9.9.9", "http://[::1]:80/", "https://LocalHost/x"] {
            assert!(is_loopback(ours), "{ours}");
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
    fn tokens_go_over_https_or_stay_on_this_machine() {
        assert_eq!(token_url("https://webexapis.com/v1/").as_deref(), Some("https://webexapis.com/v1"));
        assert_eq!(token_url("http://127.0.0.1:9/v1").as_deref(), Some("http://127.0.0.1:9/v1"));
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
    fn numbers_keep_to_their_range() {
        assert!(seconds("0", &(0..=60)).is_some());
        for bad in ["-1", "61", "1.5", "", "60s", "99999999999999999999"] {
            assert_eq!(seconds(bad, &(0..=60)), None, "{bad}");
        }
    }

    #[test]
    fn secret_names_have_their_alphabet() {
        assert!(secret_prefix("team-a/webex_+=.@/").is_some());
        assert_eq!(secret_prefix("a b/"), None);
        assert_eq!(secret_prefix(&"a".repeat(401)), None);
    }
}
