//! The trusted issuers: `OIDC_ISSUERS`.

mod entry;
mod url;

use entry::IssuerEntry;
pub(crate) use url::check_issuer_url;
pub(super) use url::is_safe_url;

/// A trusted issuer: where its keys come from, and which of its tokens are for this function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// The URL, exactly as in the claim `iss`.
    pub issuer: String,
    /// Where the keys come from.
    pub keys: KeySource,
    /// A token must satisfy one of these.
    pub audiences: Vec<AudienceRule>,
}

/// Where an issuer's keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The key set that the issuer's discovery document names.
    Discovery,
    /// `jwks_uri`: the key set at this URL.
    Url(String),
    /// `jwks`: this key set, as JSON.
    Inline(String),
}

/// For whom a token must be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceRule {
    /// `audience_claim`: the claim that names the audience.
    pub claim: String,
    /// `audience`: a value that this claim must have.
    pub audience: String,
    /// `required_claims`: values that other claims must have.
    pub required: Vec<(String, String)>,
}

impl TrustedIssuer {
    /// Parses a JSON list of issuers. Entries of the same issuer are alternatives: a token must satisfy one. The error says
    /// what is allowed.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        let entries: Vec<serde_json::Value> = serde_json::from_str(text)
            .map_err(|error| format!("a JSON list of {{\"issuer\":\"https://…\",\"audience\":\"…\"}}: {error}"))?;
        let mut list: Vec<Self> = Vec::new();
        for entry in entries {
            let entry = IssuerEntry::parse(entry)?;
            let keys = entry.key_source()?;
            let rule = entry.audience_rule()?;
            let Some(known) = list.iter_mut().find(|known| known.issuer == entry.issuer) else {
                list.push(Self { issuer: entry.issuer, keys, audiences: vec![rule] });
                continue;
            };
            if known.keys != keys {
                return Err(format!(
                    "a list in which all entries of {:?} have the same jwks or jwks_uri, or none",
                    entry.issuer
                ));
            }
            known.audiences.push(rule);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests;
