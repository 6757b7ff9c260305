//! The list of an app's grants.

use broker_core::clock::Clock;
use broker_core::grant::{Grant, State};
use broker_core::id::{AppName, GrantId};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use lambda_kit::http_function;
use secrets::PageError;
use serde::Serialize;

use crate::Refusal;
use crate::handler::Vend;

#[derive(Serialize)]
struct List<'a> {
    grants: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
}

/// A grant without its tokens.
#[derive(Serialize)]
struct Entry<'a> {
    subject: &'a str,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    failing: bool,
}

impl<'a> From<&'a Grant> for Entry<'a> {
    fn from(grant: &'a Grant) -> Self {
        Self {
            subject: grant.id.subject.as_str(),
            state: grant.state,
            expires_at: grant.pair.as_ref().map(|pair| pair.access_token_expires_at),
            failing: grant.failure.is_some(),
        }
    }
}

impl<C: Clock> Vend<C> {
    /// One page, without the `hidden` grant. What cannot be read is left out of it and said in the log.
    pub(crate) async fn page_of(
        &self,
        app: &AppName,
        next: Option<&str>,
        hidden: &GrantId,
    ) -> Result<Response<Body>, Refusal> {
        let page = self.store.page(app, next).await.map_err(refusal)?;
        for unreadable in &page.unreadable {
            let (name, reason) = (unreadable.name.as_str(), unreadable.reason.as_str());
            tracing::warn!(outcome = "unreadable", name, reason, "left out of the list");
        }
        let shown = page.grants.iter().map(|stored| &stored.grant).filter(|grant| grant.id != *hidden);
        let list = List { grants: shown.map(Entry::from).collect(), next: page.next.as_deref() };
        Ok(http_function::json(StatusCode::OK, &list))
    }
}

fn refusal(error: PageError) -> Refusal {
    match error {
        PageError::Next => Refusal::BadParameter(error.to_string()),
        PageError::Store(error) => Refusal::Store(error),
    }
}
