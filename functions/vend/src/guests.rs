//! Guests: people without a Webex account, whom a Service App's token lets in (webex-api.md section 8).

use broker_core::clock::{Clock, Deadline};
use broker_core::id::GrantId;
use jiff::SignedDuration;
use lambda_http::{Body, Request, Response};
use serde::Deserialize;

use crate::audit::Audit;
use crate::handler::Vend;
use crate::{Refusal, answer, query};

/// Longest name and subject, in characters.
const LONGEST: usize = 256;
/// The longest that Webex is tried for: a caller can ask again, and knows better when.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// What is kept of an invocation's time for the answer.
const RESERVE: SignedDuration = SignedDuration::from_secs(1);

/// Who is to be let in.
#[derive(Deserialize)]
struct Invited {
    subject: String,
    display_name: String,
}

impl<C: Clock> Vend<C> {
    /// A token for a guest, made with the grant's own.
    pub(crate) async fn guest(
        &self,
        id: &GrantId,
        request: &Request,
        deadline: Deadline,
        audit: &mut Audit,
    ) -> Result<Response<Body>, Refusal> {
        let invited = invited(request)?;
        let held = self.token(id, query::DEFAULT_MIN_TTL, deadline, audit).await?;
        let now = self.clock.now();
        let patience = deadline.keeping(RESERVE).left(now).min(PATIENCE);
        let (subject, name) = (&invited.subject, &invited.display_name);
        let made = self.webex.guest(&held.pair.access_token, subject, name, Deadline::at(now + patience));
        let guest = made.await.map_err(Refusal::Webex)?;
        audit.token = Some(guest.access_token.fingerprint());
        Ok(answer::guest(&guest))
    }
}

fn invited(request: &Request) -> Result<Invited, Refusal> {
    let expected = "{\"subject\":\"…\",\"display_name\":\"…\"} with 1 to 256 characters each";
    let invited: Invited = query::body(request, expected)?;
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= LONGEST;
    let both = fits(&invited.subject) && fits(&invited.display_name);
    both.then_some(invited).ok_or(Refusal::BadBody(expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(body: &str) -> bool {
        let request = lambda_http::http::Request::post("/").body(Body::from(body)).unwrap();
        invited(&request).is_ok()
    }

    #[test]
    fn a_guest_has_a_subject_and_a_name() {
        assert!(reads(r#"{"subject":"a","display_name":"Ada","more":1}"#));
        for bad in [
            "",
            "{}",
            r#"{"subject":"a"}"#,
            r#"{"subject":"","display_name":"Ada"}"#,
            r#"{"subject":"a","display_name":" "}"#,
            r#"{"subject":1,"display_name":"Ada"}"#,
        ] {
            assert!(!reads(bad), "{bad}");
        }
        assert!(!reads(&format!(r#"{{"subject":"a","display_name":"{}"}}"#, "b".repeat(257))));
    }
}
