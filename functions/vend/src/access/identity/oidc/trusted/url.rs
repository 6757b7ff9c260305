//! The URLs of issuers and key sets.

use url::{Host, Url};

/// Hosts of Microsoft Entra ID whose paths begin with the tenant. Tokens name the tenant by its id.
const ENTRA_HOSTS: [&str; 8] = [
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "sts.windows.net",
    "sts.chinacloudapi.cn",
];
/// What stands for any tenant in the addresses at which users sign in.
const ANY_TENANT: [&str; 3] = ["common", "organizations", "consumers"];

/// Checks that `text` can be the URL of an issuer: `https`, or `http` on loopback; without user, query and fragment; and one
/// that a token can have. The error says what to write.
pub(crate) fn check_issuer_url(text: &str) -> Result<(), String> {
    if !is_safe_url(text) || text.contains(['?', '#']) {
        return Err("write an https URL without user, query or fragment (plain http on loopback only)".to_owned());
    }
    let Ok(url) = Url::parse(text) else {
        return Ok(());
    };
    match url.host_str() {
        Some(host) if ENTRA_HOSTS.contains(&host) => check_entra(host, url.path()),
        _ => Ok(()),
    }
}

/// No token has an issuer without the tenant's id, and no version 1.0 token one without the slash at its end.
fn check_entra(host: &str, path: &str) -> Result<(), String> {
    let tenant = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_version_1 = host.starts_with("sts.");
    let example = if is_version_1 {
        format!("https://{host}/<tenant id>/")
    } else {
        format!("https://{host}/<tenant id>/v2.0, or https://sts.windows.net/<tenant id>/ for tokens of version 1.0")
    };
    if ANY_TENANT.contains(&tenant) {
        return Err(format!(
            "{tenant} is where users of any tenant sign in; the tokens name their tenant. Write {example}, one entry for \
             each tenant"
        ));
    }
    if tenant.is_empty() || tenant.contains(['.', '%', '{']) {
        return Err(format!("tokens name the tenant by its id. Write {example}"));
    }
    if is_version_1 && !path.ends_with('/') {
        return Err(format!("issuers of version 1.0 end with a slash. Write {example}"));
    }
    Ok(())
}

/// Whether a response from `text` is authentic: `https`, or on loopback.
pub(in super::super) fn is_safe_url(text: &str) -> bool {
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
            "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/",
            "https://acme.eu.auth0.com/",
            "https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws",
            "https://kubernetes.default.svc.cluster.local",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:1/x",
            "https://idp.example/common/v2.0",
        ] {
            assert_eq!(check_issuer_url(good), Ok(()), "{good}");
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
            assert!(check_issuer_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn entra_issuer_without_tenant_id_is_refused() {
        for (bad, words) in [
            ("https://login.microsoftonline.com/common/v2.0", "any tenant"),
            ("https://login.microsoftonline.com/organizations/v2.0", "any tenant"),
            ("https://login.microsoftonline.com/consumers/v2.0", "any tenant"),
            ("https://login.windows.net/common", "any tenant"),
            ("https://sts.windows.net/common/", "https://sts.windows.net/<tenant id>/"),
            ("https://login.microsoftonline.com/{tenantid}/v2.0", "by its id"),
            ("https://login.microsoftonline.com/acme.onmicrosoft.com/v2.0", "by its id"),
            ("https://login.microsoftonline.us/common/v2.0", "https://login.microsoftonline.us/<tenant id>/v2.0"),
            ("https://login.microsoftonline.com", "<tenant id>"),
            ("https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47", "slash"),
        ] {
            let error = check_issuer_url(bad).unwrap_err();
            assert!(error.contains(words), "{bad}: {error}");
        }
    }
}
