//! What is about to be asked for, and how long that is.

use askama::Template;
use broker_core::clock::Clock;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use super::{Frame, respond};
use crate::choice::{Choice, Integration, Length, REFUSE_OVER, WARN_OVER};
use crate::handler::Consent;
use crate::words;

#[derive(Template)]
#[template(path = "review.html")]
struct Review<'a> {
    frame: &'a Frame<'a>,
    app: &'a str,
    subject: &'a str,
    is_minter: bool,
    is_fixed: bool,
    show: bool,
    scopes: Vec<(&'a str, Option<&'a str>)>,
    scope: String,
    characters: usize,
    warn_over: usize,
    refuse_over: usize,
    length: Length,
    /// Why it cannot go on.
    too_long: Option<String>,
    webex: &'a str,
    start: String,
    change: String,
}

/// The page before Webex's. Its way on is a link: see the policy.
pub(crate) fn review<C: Clock>(
    frame: &Frame<'_>,
    consent: &Consent<C>,
    app: &Integration,
    choice: &Choice,
) -> Response<Body> {
    let (characters, length) = choice.length();
    let show = choice.show && consent.settings.show_tokens;
    let query = choice.query();
    let page = Review {
        frame,
        app: choice.id.app.as_str(),
        subject: choice.id.subject.as_str(),
        is_minter: choice.id == consent.settings.minter,
        is_fixed: app.scopes.is_some(),
        show,
        scopes: choice.scopes.iter().map(|scope| (scope.as_str(), consent.catalogue.what(scope))).collect(),
        scope: choice.scope(),
        characters,
        warn_over: WARN_OVER,
        refuse_over: REFUSE_OVER,
        length,
        too_long: (length == Length::TooLong).then(|| words::too_long(characters)),
        webex: consent.settings.webex_api_base.authority(),
        start: format!("start?{query}"),
        change: format!("./?{query}"),
    };
    let status = if length == Length::TooLong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    respond(status, &page)
}
