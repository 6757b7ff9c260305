//! `make_link`: a link with which a person consents again.

use jiff::SignedDuration;

use super::device::scope_to_ask;
use super::exchange::integration;
use crate::consent_link::ConsentLink;
use crate::context::{Context, Ports};
use crate::error::BrokerError;
use crate::grant::{Grant, State};
use crate::port::Found;
use crate::request::{MadeLink, MakeLink};

/// How long a link works.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Makes a link for a grant that fails, has ended, or does not exist. Nothing is written.
pub(crate) async fn make_link<P: Ports>(cx: &Context<'_, P>, request: MakeLink) -> Result<MadeLink, BrokerError> {
    let app = cx.load_app(&request.id.app).await?;
    let static_scopes = integration(&app)?.scopes.as_deref();
    scope_to_ask(static_scopes, request.scope.as_deref()).map_err(BrokerError::Invalid)?;
    if let Found::Live(stored) = cx.records().load(&request.id).await? {
        refuse_healthy(&stored.grant)?;
    }
    let made_at = cx.now();
    let link = ConsentLink { id: request.id, scope: request.scope, made_at, expires_at: made_at + LIFETIME };
    tracing::info!(
        app = %link.id.app, subject = %link.id.subject, outcome = "link_made", by = cx.author(),
        "a link for consenting to {} was made", link.id
    );
    Ok(MadeLink { link: link.sign(&app.client.secret), expires_at: link.expires_at })
}

/// A link must not be able to replace a grant that works.
fn refuse_healthy(grant: &Grant) -> Result<(), BrokerError> {
    if grant.blocked {
        return Err(BrokerError::Blocked(grant.id.clone()));
    }
    if grant.state == State::Active && grant.failure.is_none() {
        return Err(BrokerError::Invalid(
            "the grant is active and its renewals work: a link is for one that fails or has ended",
        ));
    }
    Ok(())
}
