//! `wtb grant import`: a pair from elsewhere.

use serde_json::Value;

use super::act::until;
use crate::arguments::Import;
use crate::broker::{Broker, grant_body, text};
use crate::failure::Failure;
use crate::report::Report;
use crate::secret_input;
use crate::session::Session;

/// Sends a token to the refresher, which proves it before it stores anything.
pub(in crate::commands) async fn import(session: &Session<'_>, arguments: &Import) -> Result<Report, Failure> {
    let id = arguments.grant.id();
    let broker = Broker::operator(session).await?;
    let (field, what) = if arguments.personal {
        ("access_token", "the personal access token")
    } else {
        ("refresh_token", "the refresh token")
    };
    let token = secret_input::read(session, what, arguments.token_file.as_deref(), "--token-file")?;
    let mut body = grant_body(&id);
    body[field] = Value::from(token.expose());
    if let Some(seconds) = arguments.expires_in {
        body["expires_in"] = seconds.into();
    }
    let answer = broker.ask("import", body).await?;
    let mut words = format!("{id} is {}{}.\n", text(&answer, "state"), until(&answer, session));
    if arguments.personal {
        words.push_str("Nothing renews a personal access token: wtb minter connect replaces it.\n");
    }
    if answer["org_proven"] == false {
        words
            .push_str("Webex did not show that the pair belongs to this org: check that you imported the right one.\n");
    }
    Ok(Report::ok(words, answer))
}
