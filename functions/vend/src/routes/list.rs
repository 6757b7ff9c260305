//! `GET /v1/apps/{app}/grants`.

use broker_core::clock::Clock;
use broker_core::grant::{Grant, State};
use broker_core::id::AppName;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use lambda_kit::http_function;
use secrets::{GrantStore, PageError};
use serde::Serialize;

use crate::availability::can_mint;
use crate::error::Error;
use crate::input;

/// The response: one page.
#[derive(Serialize)]
struct ListAnswer<'a> {
    grants: Vec<ListedGrant<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A grant without its tokens.
#[derive(Serialize)]
struct ListedGrant<'a> {
    subject: &'a str,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    failing: bool,
}

impl<'a> ListedGrant<'a> {
    /// `None` for a grant whose token can mint: such grants are not listed.
    fn new(grant: &'a Grant) -> Option<Self> {
        let mut expires_at = None;
        if let Some(pair) = &grant.pair {
            if can_mint(pair.scope.as_deref()) {
                return None;
            }
            expires_at = Some(pair.access_token_expires_at);
        }
        let subject = grant.id.subject.as_str();
        Some(Self { subject, state: grant.state, expires_at, failing: grant.failure.is_some() })
    }
}

/// Answers with one page of the app's grants. Unreadable records are left out and logged.
pub(crate) async fn handle<C: Clock>(
    store: &GrantStore<C>,
    app: &AppName,
    request: &Request,
) -> Result<Response<Body>, Error> {
    let cursor = input::next(request)?;
    let page = match store.page(app, cursor.as_deref()).await {
        Ok(page) => page,
        Err(PageError::Store(error)) => return Err(Error::Store(error)),
        Err(error) => return Err(Error::InvalidParameter(error.to_string())),
    };
    for record in &page.unreadable {
        let name = record.name.as_str();
        let reason = record.reason.as_str();
        tracing::warn!(outcome = "unreadable", name, reason, "the list leaves out an unreadable record");
    }
    let grants = page.grants.iter().filter_map(|stored| ListedGrant::new(&stored.grant)).collect();
    Ok(http_function::json(StatusCode::OK, &ListAnswer { grants, next: page.next.as_deref().map(input::next_of) }))
}
