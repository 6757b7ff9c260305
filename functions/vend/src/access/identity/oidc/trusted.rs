//! The trusted issuers: `OIDC_ISSUERS`.

use serde::Deserialize;
use url::{Host, Url};

/// A trusted issuer and the audiences that its tokens must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// The URL, exactly as in the claim `iss`.
    pub issuer: String,
    /// Accepted values of the claim `aud`.
    pub audiences: Vec<String>,
}

#[derive(Deserialize)]
struct IssuerEntry {
    issuer: String,
    audience: String,
}

impl TrustedIssuer {
    /// Parses a JSON list of `{"issuer","audience"}`. Entries of the same issuer are merged. The error says what is
    /// allowed.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        let entries: Vec<IssuerEntry> = serde_json::from_str(text)
            .map_err(|error| format!("a JSON list of {{\"issuer\":\"https://…\",\"audience\":\"…\"}}: {error}"))?;
        let mut list: Vec<Self> = Vec::new();
        for IssuerEntry { issuer, audience } in entries {
            if !is_issuer_url(&issuer) {
                return Err(format!(
                    "a list whose issuers are https URLs without user, query or fragment (plain http on loopback \
                     only), which {issuer:?} is not"
                ));
            }
            if audience.trim().is_empty() {
                return Err(format!("a list whose audiences are not empty; that of {issuer:?} is empty"));
            }
            match list.iter_mut().find(|known| known.issuer == issuer) {
                Some(known) => known.audiences.push(audience),
                None => list.push(Self { issuer, audiences: vec![audience] }),
            }
        }
        Ok(list)
    }
}

/// Whether `text` can be the URL of an issuer: `https`, or `http` on loopback; without user, query and fragment.
pub(crate) fn is_issuer_url(text: &str) -> bool {
    is_safe_url(text) && !text.contains(['?', '#'])
}

/// Whether a response from `text` is authentic: `https`, or on loopback.
pub(super) fn is_safe_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || text.contains(char::is_whitespace) {
        return false;
    }
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_url_is_https_or_loopback() {
        for good in [
            "https://accounts.google.com",
            "https://login.microsoftonline.com/t/v2.0",
            "https://acme.eu.auth0.com/",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:1/x",
        ] {
            assert!(is_issuer_url(good), "{good}");
        }
        for bad in [
            "http://accounts.google.com",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "https://user@issuer.example",
            "https://issuer.example?x",
            "https://issuer.example#x",
            "ftp://127.0.0.1",
            "accounts.google.com",
            " https://issuer.example",
            "",
        ] {
            assert!(!is_issuer_url(bad), "{bad}");
        }
    }

    #[test]
    fn list_merges_entries_of_one_issuer() {
        let text = r#"[{"issuer":"https://a.example","audience":"x"},{"issuer":"https://b.example","audience":"y","more":1},
            {"issuer":"https://a.example","audience":"z"}]"#;
        let list = TrustedIssuer::list(text).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].audiences, ["x", "z"]);
        assert!(TrustedIssuer::list("[]").unwrap().is_empty());
    }

    #[test]
    fn list_errors_name_the_problem() {
        for (bad, word) in [
            ("", "JSON list"),
            ("{}", "JSON list"),
            (r#"[{"issuer":"https://a.example"}]"#, "audience"),
            (r#"[{"issuer":"http://a.example","audience":"x"}]"#, "https"),
            (r#"[{"issuer":"https://a.example","audience":" "}]"#, "audiences"),
        ] {
            assert!(TrustedIssuer::list(bad).unwrap_err().contains(word), "{bad}");
        }
    }
}
