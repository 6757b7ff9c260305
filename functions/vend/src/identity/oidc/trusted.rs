//! Whom to trust: `OIDC_ISSUERS`.

use serde::Deserialize;
use url::{Host, Url};

/// One issuer, and for whom its tokens must be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// Its URL, exactly as its tokens' `iss`.
    pub issuer: String,
    /// Any of these as `aud`.
    pub audiences: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    issuer: String,
    audience: String,
}

impl Trusted {
    /// Reads a JSON list of `{"issuer","audience"}`; an issuer that is there twice has two audiences. The error says
    /// what the list must be.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        let entries: Vec<Entry> = serde_json::from_str(text)
            .map_err(|error| format!("a JSON list of {{\"issuer\":\"https://…\",\"audience\":\"…\"}}: {error}"))?;
        let mut list: Vec<Self> = Vec::new();
        for Entry { issuer, audience } in entries {
            if !is_issuer(&issuer) {
                return Err(format!(
                    "a list whose issuers are https URLs without user, query or fragment (plain http on loopback \
                     only), which {issuer:?} is not"
                ));
            }
            if audience.trim().is_empty() {
                return Err(format!("a list whose audiences are not empty, as that of {issuer:?} is"));
            }
            match list.iter_mut().find(|known| known.issuer == issuer) {
                Some(known) => known.audiences.push(audience),
                None => list.push(Self { issuer, audiences: vec![audience] }),
            }
        }
        Ok(list)
    }
}

/// Whether `text` is the URL of an issuer: `https`, or `http` to this machine; no user, no query, no fragment.
pub(crate) fn is_issuer(text: &str) -> bool {
    is_safe(text) && !text.contains(['?', '#'])
}

/// Whether what is fetched from `text` is what its owner sent: `https`, or this machine.
pub(super) fn is_safe(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && !text.contains(char::is_whitespace);
    plain && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_this_machine() {
        for good in [
            "https://accounts.google.com",
            "https://login.microsoftonline.com/t/v2.0",
            "https://acme.eu.auth0.com/",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:1/x",
        ] {
            assert!(is_issuer(good), "{good}");
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
            assert!(!is_issuer(bad), "{bad}");
        }
    }

    #[test]
    fn two_entries_of_one_issuer_are_two_audiences() {
        let text = r#"[{"issuer":"https://a.example","audience":"x"},{"issuer":"https://b.example","audience":"y","more":1},
            {"issuer":"https://a.example","audience":"z"}]"#;
        let list = Trusted::list(text).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].audiences, ["x", "z"]);
        assert!(Trusted::list("[]").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (bad, word) in [
            ("", "JSON list"),
            ("{}", "JSON list"),
            (r#"[{"issuer":"https://a.example"}]"#, "audience"),
            (r#"[{"issuer":"http://a.example","audience":"x"}]"#, "https"),
            (r#"[{"issuer":"https://a.example","audience":" "}]"#, "audiences"),
        ] {
            assert!(Trusted::list(bad).unwrap_err().contains(word), "{bad}");
        }
    }
}
