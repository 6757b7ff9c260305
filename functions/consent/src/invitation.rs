//! The address of a consent link.
//!
//! The refresher signs the link. The address holds it sealed, so that this function can refuse what strangers make up
//! before it wakes the refresher. The seal is no proof, because its key comes from the function's configuration; the
//! signature is one.

use broker_core::consent_link::ConsentLink;
use broker_core::token::LinkToken;
use url::Url;

use crate::seal::{CookieSeal, CryptoError};

/// A link that somebody opened.
pub(crate) struct Invitation {
    /// As the refresher signed it.
    pub(crate) token: LinkToken,
    /// Its content, whose signature only the refresher can check.
    pub(crate) link: ConsentLink,
    /// The sealed link, as it stands in the address.
    pub(crate) address: String,
}

/// Why a link is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkRefusal {
    /// This function did not seal it, or its app is gone.
    #[error("the link is not one of this deployment")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// The grant has changed since it was made.
    #[error("the link has been used, or its grant has changed since")]
    Spent,
    /// The account that signed in belongs to another organisation than the one before.
    #[error("the account belongs to another organisation than the grant's")]
    OtherOrg,
}

impl LinkRefusal {
    /// The refusal that the refresher answers an exchange with.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        match code {
            "invalid_link" => Some(Self::Invalid),
            "link_expired" => Some(Self::Expired),
            "link_spent" | "blocked" => Some(Self::Spent),
            "other_org" => Some(Self::OtherOrg),
            _ => None,
        }
    }
}

impl Invitation {
    /// Opens the link in an address; `None` if `seal` did not make it.
    pub(crate) fn open(address: &str, seal: &CookieSeal) -> Option<Self> {
        let token = LinkToken::new(String::from_utf8(seal.open(address)?).ok()?);
        let link = ConsentLink::read(&token)?;
        Some(Self { token, link, address: address.to_owned() })
    }
}

/// The address of a link, beside the redirect URI of its app: that is where the world finds this function.
pub(crate) fn address(redirect_uri: &str, token: &LinkToken, seal: &CookieSeal) -> Result<String, CryptoError> {
    let sealed = seal.seal(token.expose().as_bytes())?;
    let url = Url::parse(redirect_uri).and_then(|callback| callback.join(&format!("invited?link={sealed}")));
    url.map(String::from).map_err(|_| CryptoError)
}
