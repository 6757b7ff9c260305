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
    /// Its page, from the root.
    pub(super) page: String,
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
        expires: grant.access_token_expires_at.map(|at| Moment::new(at, request.now)),
        page: grant_view::page_of(id),
    }))
}
