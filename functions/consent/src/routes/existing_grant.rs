//! The grant that a consent would replace.

use broker_core::id::GrantId;
use broker_core::request::ShownState;

use crate::console::ask;
use crate::console::grant_view;
use crate::console::time_text::Moment;
use crate::state::{ConsentState, PageRequest};

/// The grant of the name that a consent asks for.
pub(super) enum ExistingGrant {
    /// Nothing that a consent would replace.
    None,
    /// A grant.
    Some(Box<ReplacedGrant>),
    /// The refresher did not say. It does not keep anybody from consenting.
    NotKnown,
}

/// A grant that a consent would replace.
pub(super) struct ReplacedGrant {
    pub(super) state: &'static str,
    pub(super) level: &'static str,
    pub(super) expires: Option<Moment>,
    /// Whether the access token has ended.
    pub(super) has_ended: bool,
    /// Whether a person may be asked by a link to replace it: it fails or waits, and is not kept out.
    may_be_linked: bool,
    /// Its page, from the root.
    pub(super) page: String,
}

impl ExistingGrant {
    /// Whether a link for the grant may be made. The refresher decides, whatever the page offers.
    pub(super) fn may_be_linked(&self) -> bool {
        match self {
            Self::None => true,
            Self::Some(grant) => grant.may_be_linked,
            Self::NotKnown => false,
        }
    }
}

/// Asks the refresher. A grant that has ended is not worth a warning.
pub(super) async fn find(state: &ConsentState, request: &PageRequest<'_>, id: &GrantId) -> ExistingGrant {
    let grant = match ask::find_grant(&state.refresher, id, request.time_left).await {
        Ok(Some(grant)) => grant,
        Ok(None) => return ExistingGrant::None,
        Err(error) => {
            tracing::warn!(outcome = "not_known", "the state of {id} is not known: {error}");
            return ExistingGrant::NotKnown;
        }
    };
    if grant.state == ShownState::Revoked && !grant.blocked {
        return ExistingGrant::None;
    }
    let (words, level) = grant_view::state_of(&grant);
    ExistingGrant::Some(Box::new(ReplacedGrant {
        state: words,
        level,
        may_be_linked: !grant.blocked && (grant.failing || grant.state != ShownState::Active),
        has_ended: matches!(grant.access_token_expires_at, Some(at) if at <= request.now),
        expires: grant.access_token_expires_at.map(|at| Moment::new(at, request.now)),
        page: grant_view::page_of(id),
    }))
}
