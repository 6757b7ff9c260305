//! One entry of `OIDC_ISSUERS`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::key_set::KeySet;
use super::url::{check_issuer_url, is_safe_url};
use super::{AudienceRule, KeySource};

/// The fields of an entry.
const FIELDS: [&str; 6] = ["issuer", "audience", "audience_claim", "required_claims", "jwks", "jwks_uri"];
/// Most edits by which an unknown field differs from a known one that was probably meant.
const MAX_TYPO: usize = 2;
/// Claims that are checked in another way.
const RESERVED_CLAIMS: [&str; 6] = ["iss", "sub", "exp", "nbf", "iat", "jti"];
/// Parameters of private and shared keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE_PARAMETERS: [&str; 3] = ["d", "p", "k"];

#[derive(Deserialize)]
pub(super) struct IssuerEntry {
    pub(super) issuer: String,
    audience: String,
    audience_claim: Option<String>,
    required_claims: Option<BTreeMap<String, String>>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
}

impl IssuerEntry {
    /// Reads an entry and checks its issuer. Unknown fields are ignored, unless they look like a known one: an entry without
    /// the field that was meant would accept more tokens.
    pub(super) fn parse(entry: Value) -> Result<Self, String> {
        check_fields(&entry)?;
        let entry: Self = serde_json::from_value(entry)
            .map_err(|error| format!("a JSON list of {{\"issuer\":\"https://…\",\"audience\":\"…\"}}: {error}"))?;
        if let Err(hint) = check_issuer_url(&entry.issuer) {
            return Err(format!("a list of issuers in which {:?} is not: {hint}", entry.issuer));
        }
        Ok(entry)
    }

    /// Where the keys come from.
    pub(super) fn key_source(&self) -> Result<KeySource, String> {
        let issuer = &self.issuer;
        match (&self.jwks, &self.jwks_uri) {
            (None, None) => Ok(KeySource::Discovery),
            (Some(_), Some(_)) => Err(format!("a list in which {issuer:?} has jwks or jwks_uri, not both")),
            (None, Some(url)) if is_safe_url(url) => Ok(KeySource::Url(url.clone())),
            (None, Some(url)) => Err(format!(
                "a list in which each jwks_uri is an https URL without user (plain http on loopback only), which {url:?} \
                 is not"
            )),
            (Some(jwks), None) => inline_source(issuer, jwks),
        }
    }

    /// For whom a token must be.
    pub(super) fn audience_rule(&self) -> Result<AudienceRule, String> {
        let issuer = &self.issuer;
        if self.audience.trim().is_empty() {
            return Err(format!("a list whose audiences are not empty; that of {issuer:?} is empty"));
        }
        let claim = self.audience_claim.as_deref().unwrap_or("aud");
        if claim.trim().is_empty() || RESERVED_CLAIMS.contains(&claim) {
            return Err(format!(
                "a list whose audience_claim is a claim such as aud, client_id or azp; that of {issuer:?} is {claim:?}"
            ));
        }
        let required = match &self.required_claims {
            Some(required) => required.clone().into_iter().collect(),
            // Cognito's access tokens have client_id and no aud, its identity tokens the reverse. A token of another kind
            // must not pass for an access token.
            None if claim == "client_id" => vec![("token_use".to_owned(), "access".to_owned())],
            None => Vec::new(),
        };
        Ok(AudienceRule { claim: claim.to_owned(), audience: self.audience.clone(), required })
    }
}

fn check_fields(entry: &Value) -> Result<(), String> {
    let Some(fields) = entry.as_object() else {
        return Ok(());
    };
    for field in fields.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
        if field == "jwks_secret" {
            return Err(
                "a list without jwks_secret: vend may read grants and no other secret. Write the key set itself as \
                        jwks, or publish it at an https URL and write that as jwks_uri"
                    .to_owned(),
            );
        }
        if let Some(known) = FIELDS.into_iter().find(|known| is_typo(field, known)) {
            return Err(format!("a list whose entries have no unknown field {field:?}; did you mean {known}?"));
        }
    }
    Ok(())
}

fn is_typo(field: &str, known: &str) -> bool {
    // The distance takes time in proportion to the length.
    field.len() <= 2 * known.len() && strsim::damerau_levenshtein(&field.to_lowercase(), known) <= MAX_TYPO
}

fn inline_source(issuer: &str, jwks: &Value) -> Result<KeySource, String> {
    let allowed = format!("a list in which jwks of {issuer:?} is a JSON Web Key Set, {{\"keys\":[…]}}");
    let keys = jwks.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for key in keys {
        if PRIVATE_PARAMETERS.iter().any(|parameter| key.get(parameter).is_some()) {
            return Err(format!("{allowed}, of public keys alone; this one has a private or shared key"));
        }
    }
    let document = jwks.to_string();
    match KeySet::parse(document.as_bytes()) {
        Ok(keys) if !keys.is_empty() => Ok(KeySource::Inline(document)),
        Ok(_) => Err(format!("{allowed}, with at least one RSA, EC or Ed25519 key")),
        Err(error) => Err(format!("{allowed}: {error}")),
    }
}
