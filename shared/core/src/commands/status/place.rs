//! Where a status goes on.

use crate::error::BrokerError;
use crate::id::AppName;

/// The error for a `next` that no answer gave.
pub(super) const INVALID_NEXT: &str = "next does not come from an earlier answer, or is too old: ask again without it";

/// Where to go on: the app by its number, and the store's own token.
pub(super) struct Place {
    pub(super) app: usize,
    pub(super) page: Option<String>,
}

impl Place {
    /// `{app}` or `{app}/{token}`. Apps come and go between two pages, so the name tells and not the number.
    pub(super) fn parse(next: &str, apps: &[AppName]) -> Result<Self, BrokerError> {
        let (name, page) = match next.split_once('/') {
            Some((name, page)) => (name, Some(page.to_owned())),
            None => (next, None),
        };
        match apps.iter().position(|app| app.as_str() == name) {
            Some(app) => Ok(Self { app, page }),
            None => Err(BrokerError::Invalid(INVALID_NEXT)),
        }
    }

    pub(super) fn to_next(&self, apps: &[AppName]) -> Option<String> {
        let app = apps.get(self.app)?;
        match &self.page {
            Some(page) => Some(format!("{app}/{page}")),
            None => Some(app.to_string()),
        }
    }
}
