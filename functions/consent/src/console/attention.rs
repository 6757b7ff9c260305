//! Words what needs a person, as the core's rule decides it.

use broker_core::attention::{AppCondition, AppNeed, GrantCondition, MinterNeed, minter_need};
use broker_core::id::GrantId;
use broker_core::request::{AppStatus, GrantStatus};
use jiff::Timestamp;

use super::time_text::amount;

/// One thing that somebody has to look at.
#[derive(Debug)]
pub(crate) struct Attention {
    /// The app or the grant that it is about.
    pub(crate) about: String,
    pub(crate) text: String,
    /// Where to look, from the root of the pages.
    pub(crate) href: String,
}

/// The conditions of the apps that need a person. The grants are counted as of each app's last sweep.
pub(crate) fn of_apps(apps: &[AppStatus]) -> Vec<Attention> {
    let mut all = Vec::new();
    for app in apps {
        for need in AppCondition::of_status(app).needs() {
            let text = match need {
                AppNeed::Mistake(problem) => problem.to_owned(),
                AppNeed::WrongCredentials(reason) => with_reason("Webex refuses its client credentials", reason),
                AppNeed::WebhooksFailing(reason) => with_reason("its webhooks are not registered", reason),
                AppNeed::DataSources(counts) => counts.to_string(),
            };
            all.push(Attention { about: app.app.clone(), text, href: format!("apps#{}", app.app) });
        }
        all.extend(of_grants(app));
    }
    all
}

fn of_grants(app: &AppStatus) -> Vec<Attention> {
    let mut all = Vec::new();
    let Some(counts) = app.state.counts else { return all };
    let table = [
        (counts.failing, "cannot be renewed", "failing=1"),
        (counts.waiting_in_vain, "cannot be confirmed at Webex", "waiting=1"),
        (counts.unreadable, "cannot be read", "state=unreadable"),
    ];
    for (count, condition, filter) in table {
        if count > 0 {
            let grants = if count == 1 { "1 grant".to_owned() } else { format!("{count} grants") };
            let text = format!("{grants} {condition}");
            all.push(Attention { about: app.app.clone(), text, href: format!("fleet?app={}&{filter}", app.app) });
        }
    }
    all
}

/// The condition of the minter's grant that needs a person; `None` if all is well.
pub(crate) fn of_minter(id: &GrantId, grant: Option<&GrantStatus>, now: Timestamp) -> Option<Attention> {
    let condition = grant.map(GrantCondition::of_status);
    let renewer = match &condition {
        Some(condition) if condition.refresh_token_expires_at.is_none() => "access token, which nothing renews,",
        _ => "refresh token",
    };
    let text = match minter_need(condition.as_ref(), now)? {
        MinterNeed::Missing => "there is no minter, so that no Service App gets tokens".to_owned(),
        MinterNeed::Inactive => "the minter has ended, so that nothing is minted".to_owned(),
        MinterNeed::Failing => "the minter cannot be renewed".to_owned(),
        MinterNeed::Ended(_) => format!("the minter's {renewer} has ended"),
        MinterNeed::Ending(at) => {
            let left = at.duration_since(now).as_secs().unsigned_abs();
            format!("the minter's {renewer} ends in {}", amount(left))
        }
    };
    Some(Attention { about: id.to_string(), text, href: "minter".to_owned() })
}

fn with_reason(text: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{text}: {reason}"),
        None => text.to_owned(),
    }
}
