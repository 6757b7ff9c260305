//! Webex's own page.

use url::Url;

use crate::choice::Integration;
use crate::flow::Flow;
use crate::query::encode;

/// The authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3) for `flow`.
pub(crate) fn url(base: &Url, app: &Integration, flow: &Flow) -> String {
    let (scope, challenge) = (flow.choice.scope(), flow.challenge());
    let query = encode([
        ("response_type", "code"),
        ("client_id", &app.client_id),
        ("redirect_uri", &flow.redirect_uri),
        ("scope", &scope),
        ("state", flow.state.expose()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    // Webex documents blanks as %20; a plus that was one is %2B by now.
    let base = base.as_str().trim_end_matches('/');
    format!("{base}/authorize?{}", query.replace('+', "%20"))
}
