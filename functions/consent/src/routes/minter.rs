//! `GET /minter`: the grant that mints, and how to replace it.

use askama::Template;
use broker_core::request::GrantStatus;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::grant::consent_page;
use crate::console::ask;
use crate::console::attention::{self, Attention};
use crate::console::grant_view;
use crate::console::life_clock::LifeClock;
use crate::error::Error;
use crate::page::{PageFrame, render};
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "minter.html")]
struct MinterPage<'a> {
    frame: &'a PageFrame<'a>,
    name: String,
    app: &'a str,
    grant: Option<MinterView>,
    attention: Option<Attention>,
    /// Paths from the root.
    page: String,
    consent: String,
}

struct MinterView {
    state: &'static str,
    level: &'static str,
    reason: Option<String>,
    access: Option<LifeClock>,
    refresh: Option<LifeClock>,
}

/// Shows the minter's grant.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    let minter = &state.settings.minter;
    log.set_grant(minter);
    log.outcome = "shown";
    let grant = ask::find_grant(&state.refresher, minter, request.time_left).await?;
    let page = MinterPage {
        frame: &request.frame,
        name: minter.to_string(),
        app: minter.app.as_str(),
        attention: attention::of_minter(minter, grant.as_ref(), request.now),
        grant: grant.map(|grant| view(&grant, request)),
        page: grant_view::page_of(minter),
        consent: consent_page(minter, true),
    };
    Ok(render(StatusCode::OK, &page))
}

fn view(grant: &GrantStatus, request: &PageRequest<'_>) -> MinterView {
    let (state, level) = grant_view::state_of(grant);
    MinterView {
        state,
        level,
        reason: grant.reason.clone(),
        access: LifeClock::access(grant, request.now),
        refresh: LifeClock::refresh(grant, request.now),
    }
}
