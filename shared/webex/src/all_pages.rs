//! Lists that Webex answers in pages.

use broker_core::clock::{Clock, Deadline};
use broker_core::port::WebexError;
use broker_core::token::AccessToken;
use reqwest::Method;
use url::Url;

use crate::api::WebexApi;
use crate::error;
use crate::pagination::{self, NextPage};
use crate::request::WebexRequest;
use crate::response::{self, BodyParser};

/// Most pages of one list that are read. With 100 items on each this is fifty times what one user may reasonably own.
const MAX_PAGES: usize = 50;

impl<C: Clock> WebexApi<C> {
    /// Reads all pages of a list, from the one at `url`. A sweep creates what is missing from a list, so an incomplete
    /// list is an error.
    pub(crate) async fn all_pages<T>(
        &self,
        operation: &'static str,
        mut url: Url,
        bearer: &AccessToken,
        deadline: Deadline,
        parser: BodyParser<Vec<T>>,
    ) -> Result<Vec<T>, WebexError> {
        let mut found = Vec::new();
        let mut visited = Vec::new();
        loop {
            let request = WebexRequest::with_bearer(operation, Method::GET, url.clone(), bearer);
            let response = self.send(&request, deadline).await?;
            found.extend(response::parse(&request, &response, parser)?);
            let next = pagination::next_page(&response.headers, &url);
            visited.push(url);
            url = match next {
                NextPage::None => return Ok(found),
                NextPage::OtherOrigin => {
                    return Err(error::foreign_answer(&request, &response, "the next page is on another server"));
                }
                NextPage::At(page) => page,
            };
            if visited.len() == MAX_PAGES || visited.contains(&url) {
                return Err(error::foreign_answer(&request, &response, "the list has no end"));
            }
        }
    }
}
