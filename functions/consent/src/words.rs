//! What people are told: what happened, and what to do next, in their words.

use lambda_http::http::StatusCode;
use lambda_kit::refresher::InvokeError;

use crate::Refusal;
use crate::choice::REFUSE_OVER;

mod choice;
mod closed;
mod exchange;
mod webex;

/// A page with nothing but words.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    /// What happened.
    pub(crate) lead: String,
    /// What to do next, the most likely first.
    pub(crate) steps: Vec<String>,
    /// The name under which programs know it.
    pub(crate) code: Option<String>,
    /// What Webex or the refresher said.
    pub(crate) said: Option<String>,
}

const START_AGAIN: &str = "Start again from the first page. Nothing was granted and nothing was changed.";

impl Message {
    fn new<const N: usize>(status: StatusCode, title: &str, lead: &str, steps: [&str; N]) -> Self {
        Self {
            status,
            title: title.to_owned(),
            lead: lead.to_owned(),
            steps: steps.map(str::to_owned).to_vec(),
            code: None,
            said: None,
        }
    }
}

/// The words for a refusal.
pub(crate) fn message(refusal: &Refusal) -> Message {
    match refusal {
        Refusal::NoSuchPage | Refusal::Method(_) | Refusal::AnotherSite => closed::lost_the_way(refusal),
        Refusal::ThisMachineOnly | Refusal::KeyNeeded | Refusal::WrongKey | Refusal::Throttled(_) => {
            closed::closed(refusal)
        }
        Refusal::BadName(_) | Refusal::NoSuchApp | Refusal::BadScope(_) | Refusal::NoScopes => choice::bad(refusal),
        Refusal::NoRandomness => Message::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "A sign-in cannot be started",
            "This machine has no random numbers to give, and without them a sign-in would not be safe.",
            ["Try again in a minute.", "If it stays like this, look at the function's log."],
        ),
        Refusal::Lost(lost) => webex::not_believed(*lost),
        Refusal::Webex(returned) => webex::not_granted(returned),
        Refusal::NoCode => Message::new(
            StatusCode::BAD_GATEWAY,
            "Webex sent nothing back",
            "Webex sent you back here with neither a grant nor a reason.",
            [START_AGAIN],
        ),
        Refusal::NoApps(error) => no_apps(error),
        Refusal::AppsRefused(refusal) => exchange::apps_refused(refusal),
        Refusal::NotExchanged(..) => exchange::no_answer(),
        Refusal::ExchangeRefused(choice, refusal) => exchange::refused(choice, refusal),
    }
}

fn no_apps(error: &InvokeError) -> Message {
    let step = match error {
        InvokeError::NotInvoked { .. } => {
            "Try again in a minute. If it stays like this, see that REFRESHER_FUNCTION names the refresher and that this \
             function may invoke it."
        }
        _ => "Try again in a minute. If it stays like this, look at the refresher's log.",
    };
    Message::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The refresher does not answer",
        "This page asks the refresher which apps there are, and got no answer.",
        [step],
    )
}

/// What is said where a scope string is too long.
pub(crate) fn too_long(characters: usize) -> String {
    format!(
        "{characters} characters are more than the {REFUSE_OVER} that Webex takes. Leave out {} characters' worth of \
         scopes; a scope that ends in _write does not always need its _read.",
        characters.saturating_sub(REFUSE_OVER)
    )
}
