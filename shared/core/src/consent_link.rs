//! Links with which a person consents to one grant, without the operator key.
//!
//! A link names the grant and what is asked for, and carries a signature that is made with the app's client secret.
//! Only the refresher has that secret: a person who can read a function's configuration cannot make a link. The link is
//! single use because it is good only for the grant as it was when the link was made, so that nothing has to be stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::grant::{Transition, TransitionKind};
use crate::id::{GrantId, OrgId};
use crate::token::{ClientSecret, LinkToken};

/// Separates these signatures from any other use of the client secret.
const PURPOSE: &[u8] = b"webex-token-broker/consent-link\n";

/// The content of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentLink {
    /// The grant that the consent makes.
    #[serde(flatten)]
    pub id: GrantId,
    /// The scopes to ask for, separated by blanks; `None` where the app's secret fixes them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
    /// When it was made. It is spent once the grant has changed since.
    pub made_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Why a link is not good for a consent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was not made for the grant.
    #[error("the link was not made for {0}, or the app's client secret has changed since")]
    Invalid(GrantId),
    /// Its time is over.
    #[error("the link expired at {0}: make another one")]
    Expired(Timestamp),
    /// The grant has changed since.
    #[error("{0} has changed since the link was made: it was consented to, renewed or ended")]
    Spent(GrantId),
    /// The account that consented belongs to another organisation than the pair that it would replace.
    #[error("the account belongs to organisation {actual}, and {id} to an account of organisation {expected}")]
    OtherOrg {
        /// The grant.
        id: GrantId,
        /// The organisation of the pair so far.
        expected: OrgId,
        /// The organisation of the account that consented.
        actual: OrgId,
    },
}

impl LinkError {
    /// The code for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_link",
            Self::Expired(_) => "link_expired",
            Self::Spent(_) => "link_spent",
            Self::OtherOrg { .. } => "other_org",
        }
    }
}

impl ConsentLink {
    /// The link as text of base64url and a dot, signed with the secret of the grant's app.
    pub(crate) fn sign(&self, secret: &ClientSecret) -> LinkToken {
        let content = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let signature = match mac(secret) {
            Some(mac) => mac.chain_update(&content).finalize().into_bytes().to_vec(),
            None => Vec::new(),
        };
        LinkToken::new(format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The content of `token`, whose signature is not checked: for showing it. `None` if it is malformed.
    pub fn read(token: &LinkToken) -> Option<Self> {
        let (content, _) = token.expose().split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(content).ok()?).ok()
    }

    /// The content of `token` if it was signed with `secret`. Compares in constant time.
    pub(crate) fn verify(token: &LinkToken, secret: &ClientSecret) -> Option<Self> {
        let (content, signature) = token.expose().split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        mac(secret)?.chain_update(content).verify_slice(&signature).ok()?;
        Self::read(token)
    }

    /// Whether a grant has changed since the link was made, by its last renewal and its history. A failure is no change:
    /// it is the reason for the link.
    pub fn is_spent(&self, renewed_at: Option<Timestamp>, history: &[Transition]) -> bool {
        if renewed_at >= Some(self.made_at) {
            return true;
        }
        history.iter().any(|entry| entry.at >= self.made_at && entry.what != TransitionKind::Failing)
    }
}

/// `None` if there is no secret.
fn mac(secret: &ClientSecret) -> Option<Hmac<Sha256>> {
    if secret.is_empty() {
        return None;
    }
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose().as_bytes()).ok()?;
    Some(mac.chain_update(PURPOSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn link() -> ConsentLink {
        let id = GrantId::parse("reports/ada").unwrap();
        ConsentLink { id, scope: Some("spark:all spark:kms".to_owned()), made_at: at(100), expires_at: at(200) }
    }

    #[test]
    fn verify_refuses_other_secrets_and_every_changed_character() {
        let secret = ClientSecret::new("secret");
        let token = link().sign(&secret);
        assert_eq!(ConsentLink::verify(&token, &secret), Some(link()));
        assert_eq!(ConsentLink::read(&token), Some(link()));
        assert_eq!(ConsentLink::verify(&token, &ClientSecret::new("secres")), None);
        assert_eq!(ConsentLink::verify(&token, &ClientSecret::new("")), None);
        assert_eq!(ConsentLink::verify(&link().sign(&ClientSecret::new("")), &ClientSecret::new("")), None);
        for position in 0..token.expose().len() {
            let mut forged = token.expose().to_owned().into_bytes();
            forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
            let forged = LinkToken::new(String::from_utf8(forged).unwrap());
            assert_eq!(ConsentLink::verify(&forged, &secret), None, "{position}");
        }
        for malformed in ["", ".", "e30", "e30.", "e30.AAAA", "!.!"] {
            assert_eq!(ConsentLink::verify(&LinkToken::new(malformed), &secret), None, "{malformed}");
        }
    }

    #[test]
    fn link_is_spent_by_any_change_but_a_failure() {
        let entry = |what, second| Transition {
            at: at(second),
            what,
            by: "operator".to_owned(),
            code: None,
            tracking_id: None,
        };
        assert!(!link().is_spent(None, &[]));
        assert!(!link().is_spent(Some(at(99)), &[entry(TransitionKind::Consented, 99)]));
        assert!(!link().is_spent(Some(at(99)), &[entry(TransitionKind::Failing, 150)]));
        assert!(link().is_spent(Some(at(100)), &[]));
        for what in [TransitionKind::Consented, TransitionKind::Recovered, TransitionKind::Removed] {
            assert!(link().is_spent(None, &[entry(what, 100), entry(TransitionKind::Failing, 150)]), "{what:?}");
        }
    }
}
