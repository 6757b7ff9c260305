//! What an operator asks for to let a person consent by a link.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::id::GrantId;
use crate::token::LinkToken;

/// Makes a link with which a person consents to one grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeLink {
    /// The grant.
    #[serde(flatten)]
    pub id: GrantId,
    /// The scopes to ask for, separated by blanks; only where the app's secret fixes none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
}

/// The link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MadeLink {
    /// The signed content. The consent function turns it into an address.
    #[serde(serialize_with = "link_on_the_wire")]
    pub link: LinkToken,
    /// When it stops working.
    pub expires_at: Timestamp,
}

fn link_on_the_wire<S: Serializer>(link: &LinkToken, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(link.expose())
}

/// Like [`link_on_the_wire`], for a field that may be absent.
#[expect(clippy::ref_option, reason = "serde passes the field")]
pub(super) fn optional_link_on_the_wire<S: Serializer>(link: &Option<LinkToken>, to: S) -> Result<S::Ok, S::Error> {
    match link {
        Some(link) => link_on_the_wire(link, to),
        None => to.serialize_none(),
    }
}
