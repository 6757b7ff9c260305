//! Listing grants: part by part, page by page.

use std::fmt;

use super::{Stored, Unreadable};
use crate::id::{AppName, GrantId};

/// A part of the grants, by the beginning of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantsPart {
    /// All of them.
    All,
    /// Those of one app.
    App(AppName),
    /// Those of one app whose subject begins with `initial`.
    Initial {
        /// The app.
        app: AppName,
        /// One of [`GrantsPart::INITIALS`].
        initial: char,
    },
}

impl GrantsPart {
    /// The characters with which a subject may begin: an organisation's UUID with the first sixteen of them, a name with
    /// any.
    pub const INITIALS: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// Whether the grant belongs to this part.
    pub fn covers(&self, id: &GrantId) -> bool {
        match self {
            Self::All => true,
            Self::App(app) => id.app == *app,
            Self::Initial { app, initial } => id.app == *app && id.subject.as_str().starts_with(*initial),
        }
    }
}

/// The beginning of the grants' `app/subject`; empty for all of them.
impl fmt::Display for GrantsPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::App(app) => write!(f, "{app}/"),
            Self::Initial { app, initial } => write!(f, "{app}/{initial}"),
        }
    }
}

/// The grants of one page.
#[derive(Debug, Clone, Default)]
pub struct GrantsPage {
    /// Those that could be read.
    pub grants: Vec<Stored>,
    /// Those that could not be read; they are left untouched.
    pub unreadable: Vec<Unreadable>,
    /// Whether the grants were moved by [`Store::pack`](super::Store::pack).
    pub are_packed: bool,
}
