//! The result of a command.

use serde_json::Value;

use crate::exit::Exit;

/// What a command found, for people and for programs.
#[derive(Debug)]
pub(crate) struct Report {
    /// For people. Ends with a line feed.
    pub(crate) text: String,
    /// For `--json`.
    pub(crate) json: Value,
    /// The exit status.
    pub(crate) exit: Exit,
}

impl Report {
    /// The report of a command that succeeded.
    pub(crate) fn ok(text: String, json: Value) -> Self {
        Self { text, json, exit: Exit::Ok }
    }

    /// The same report, with [`Exit::Attention`] if something needs a person.
    pub(crate) fn needs_person(mut self, needed: bool) -> Self {
        if needed {
            self.exit = Exit::Attention;
        }
        self
    }

    pub(crate) fn json_text(&self) -> String {
        format!("{:#}\n", self.json)
    }
}
