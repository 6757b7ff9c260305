//! Notices for people, and events for programs, both for the event bus.
//!
//! A notice says that something broke, that it is well again, or what has changed. A change event is sent for every
//! change that is written to a record.

mod change;
mod text;

use jiff::Timestamp;
use serde::Serialize;

use crate::app_state::IncidentCause;
use crate::id::{AppName, GrantId};
use crate::port::BusEvent;
use crate::settings::BrokerSettings;

pub use change::GrantChange;
pub(crate) use change::{incident_change, repaired_change};
pub(crate) use text::{names, readable};

/// Names of grants that a notice lists. It counts all of them.
const MOST_NAMES: usize = 5;

/// A notice for people, the `detail` of an event of the type `Notice`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Notice {
    /// What it is about, such as `grant.failing`.
    pub(crate) kind: &'static str,
    pub(crate) status: NoticeStatus,
    /// The app; absent if the whole deployment is concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app: Option<AppName>,
    /// How many grants or secrets are concerned.
    pub(crate) count: u32,
    /// The first of them, as `app/subject`.
    pub(crate) grants: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    /// One line.
    pub(crate) subject: String,
    /// Who, what, since when, and what to do. It holds no quotation mark, backslash or line break, which would break the
    /// documents that rules of the bus build around it.
    pub(crate) text: String,
    /// The page of the console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// What a notice reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoticeStatus {
    /// Something is wrong.
    Broke,
    /// It is over.
    WellAgain,
    /// Grants have begun or ended.
    Changed,
    /// An operator tries whether notices arrive.
    Test,
}

impl Notice {
    /// A notice about `grants` of `app`, or about the deployment.
    pub(crate) fn new(kind: &'static str, status: NoticeStatus, app: Option<AppName>, grants: &[GrantId]) -> Self {
        Self {
            kind,
            status,
            app,
            count: u32::try_from(grants.len()).unwrap_or(u32::MAX),
            grants: grants.iter().take(MOST_NAMES).map(ToString::to_string).collect(),
            code: None,
            since: None,
            subject: String::new(),
            text: String::new(),
            url: None,
        }
    }

    /// The notice with its words, and with the page of the console that shows more if there is a console.
    pub(crate) fn saying(self, subject: &str, text: &str, settings: &BrokerSettings) -> Self {
        let url = settings.console_url.as_ref().map(|base| format!("{base}{}", self.page()));
        let text = match &url {
            Some(url) => format!("{text} {url}"),
            None => text.to_owned(),
        };
        Self { subject: readable(subject), text: readable(&text), url, ..self }
    }

    /// The path in the console.
    fn page(&self) -> String {
        match (self.kind, self.grants.as_slice()) {
            (kind, _) if kind.starts_with("minter.") => "/minter".to_owned(),
            (kind, _) if kind.starts_with("app.") => "/apps".to_owned(),
            (_, [grant]) if self.count == 1 => format!("/fleet/{grant}"),
            _ => "/fleet".to_owned(),
        }
    }

    /// The event of type `Notice`. `None` if it cannot be written as JSON, which does not happen.
    pub(crate) fn to_event(&self, at: Timestamp) -> Option<BusEvent> {
        let detail = serde_json::to_string(self).ok()?;
        Some(BusEvent { detail_type: "Notice", detail, at })
    }
}

/// The kind of change event that belongs to an incident, if programs are told of it: grants have their own events.
pub(crate) fn change_kind(cause: IncidentCause, is_open: bool) -> Option<&'static str> {
    let (broken, well) = match cause {
        IncidentCause::MinterEnding => ("minter.ending", "minter.renewed"),
        IncidentCause::Credentials => ("app.credentials_refused", "app.credentials_accepted"),
        IncidentCause::Misconfigured => ("app.misconfigured", "app.corrected"),
        IncidentCause::Registrations => ("registration.failing", "registration.recovered"),
        _ => return None,
    };
    Some(if is_open { broken } else { well })
}
