//! `GET /fleet/{app}/{subject}/confirm?act`: what ending a grant leads to, and the button that ends it.

use askama::Template;
use broker_core::id::GrantId;
use broker_core::request::AppKind;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::console::ask::{self, ShownGrant};
use crate::console::form_token::form_token;
use crate::console::grant_view;
use crate::error::Error;
use crate::grant_act::GrantAct;
use crate::page::{PageFrame, render};
use crate::request_log::RequestLog;
use crate::state::{ConsentState, PageRequest};

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    frame: &'a PageFrame<'a>,
    app: &'a str,
    subject: &'a str,
    act: GrantAct,
    state: &'static str,
    level: &'static str,
    consequences: Vec<&'static str>,
    /// Paths from the root.
    action: String,
    back: String,
    token: String,
}

/// Shows the consequences.
pub(crate) async fn handle(
    state: &ConsentState,
    request: &PageRequest<'_>,
    id: &GrantId,
    log: &mut RequestLog,
) -> Result<Response<Body>, Error> {
    log.set_grant(id);
    log.outcome = "shown";
    let act = request.query.get("act").and_then(GrantAct::find).ok_or(Error::PageNotFound)?;
    if !act.ends_the_grant() {
        return Err(Error::PageNotFound);
    }
    let seal = state.gate.console_seal(request.http, request.now)?.ok_or(Error::KeyRequired)?;
    let shown = ask::grant(&state.refresher, id, request.time_left).await?;
    let is_minter = *id == state.settings.minter;
    let (words, level) = grant_view::state_of(&shown.grant);
    let page = ConfirmPage {
        frame: &request.frame,
        app: id.app.as_str(),
        subject: id.subject.as_str(),
        act,
        state: words,
        level,
        consequences: consequences(act, &shown, is_minter),
        action: format!("{}/{}", grant_view::page_of(id), act.key()),
        back: grant_view::page_of(id),
        token: form_token(&seal, id, act, request.now)?,
    };
    Ok(render(StatusCode::OK, &page))
}

fn consequences(act: GrantAct, shown: &ShownGrant, is_minter: bool) -> Vec<&'static str> {
    let is_personal = matches!(&shown.app, Some(app) if app.kind == Some(AppKind::Integration));
    let mut all = vec![
        "Callers get no token for this grant from now on.",
        "The token pair is erased here. This cannot be undone.",
    ];
    if is_minter {
        all.push("This is the minter. Without it the broker mints no tokens, for any Service App.");
    }
    all.push(if is_personal {
        "The consent at Webex remains. The person can end it in their Webex account settings."
    } else {
        "Webex revokes the authorisation if the grant's own token may do that. Otherwise an administrator of the \
         organisation revokes the app in Control Hub; the next page says so."
    });
    all.push(match (act, is_personal) {
        (GrantAct::Block, _) => "Nothing brings the grant back until an operator unblocks it.",
        (_, true) => "A new consent brings the grant back.",
        (_, false) => {
            "A new authorisation brings the grant back, and so does the next sweep if the app's secret names the \
             organisation in orgs. Block the grant to prevent that."
        }
    });
    all
}
