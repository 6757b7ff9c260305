//! Finds the conditions of the apps and of the minter that need a person.

use broker_core::app_state::{CredentialState, WebhookState};
use broker_core::id::GrantId;
use broker_core::request::{AppStatus, GrantStatus, ShownState};
use jiff::{SignedDuration, Timestamp};

use super::time_text::amount;

/// A refresh token of the minter that ends sooner needs a person.
const MINTER_ENDING: SignedDuration = SignedDuration::from_hours(14 * 24);

/// One thing that somebody has to look at.
#[derive(Debug)]
pub(crate) struct Attention {
    /// The app or the grant that it is about.
    pub(crate) about: String,
    pub(crate) text: String,
    /// Where to look, from the root of the pages.
    pub(crate) href: String,
}

/// The conditions of the apps that need a person. The counts are those of each app's last sweep.
pub(crate) fn of_apps(apps: &[AppStatus]) -> Vec<Attention> {
    let mut all = Vec::new();
    for app in apps {
        let details = format!("apps#{}", app.app);
        let mut add = |text: String, href: &str| {
            all.push(Attention { about: app.app.clone(), text, href: href.to_owned() });
        };
        if app.state.credentials.state == CredentialState::Wrong {
            add(with_reason("Webex refuses its client credentials", app.state.credentials.reason.as_ref()), &details);
        }
        if app.state.webhooks.state == WebhookState::Failing {
            add(with_reason("its webhooks are not registered", app.state.webhooks.reason.as_ref()), &details);
        }
        for problem in &app.problems {
            add(problem.clone(), &details);
        }
        let Some(counts) = app.state.counts else { continue };
        if counts.failing > 0 {
            add(format!("{} cannot be renewed", grants(counts.failing)), &format!("fleet?app={}&failing=1", app.app));
        }
        if counts.unreadable > 0 {
            let href = format!("fleet?app={}&state=unreadable", app.app);
            add(format!("{} cannot be read", grants(counts.unreadable)), &href);
        }
    }
    all
}

/// The condition of the minter's grant that needs a person; `None` if all is well.
pub(crate) fn of_minter(id: &GrantId, grant: Option<&GrantStatus>, now: Timestamp) -> Option<Attention> {
    let text = match grant {
        None => "there is no minter, so that no Service App gets tokens".to_owned(),
        Some(grant) if grant.state != ShownState::Active => {
            "the minter has ended, so that nothing is minted".to_owned()
        }
        Some(grant) if grant.failing => "the minter cannot be renewed".to_owned(),
        Some(grant) => {
            let left = grant.refresh_token_expires_at?.duration_since(now);
            if left > MINTER_ENDING {
                return None;
            }
            if left <= SignedDuration::ZERO {
                "the minter's refresh token has ended".to_owned()
            } else {
                format!("the minter's refresh token ends in {}", amount(left.as_secs().unsigned_abs()))
            }
        }
    };
    Some(Attention { about: id.to_string(), text, href: "minter".to_owned() })
}

fn grants(count: u32) -> String {
    if count == 1 { "1 grant".to_owned() } else { format!("{count} grants") }
}

fn with_reason(text: &str, reason: Option<&String>) -> String {
    match reason {
        Some(reason) => format!("{text}: {reason}"),
        None => text.to_owned(),
    }
}
