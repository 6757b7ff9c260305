//! A command that did not succeed, in words.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::exit::Exit;

/// Why a command did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Failure {
    /// The exit status.
    pub(crate) exit: Exit,
    /// For programs.
    pub(crate) code: String,
    /// What failed, which resource, and what Webex or AWS said.
    pub(crate) detail: String,
    /// What to do.
    pub(crate) advice: Option<String>,
    /// Webex's tracking id.
    pub(crate) tracking_id: Option<String>,
    /// Seconds after which trying again may help.
    pub(crate) retry_after: Option<u64>,
}

impl Failure {
    /// A failure with an exit status, a code and a sentence.
    pub(crate) fn new(exit: Exit, code: &str, detail: impl Into<String>) -> Self {
        Self { exit, code: code.to_owned(), detail: detail.into(), advice: None, tracking_id: None, retry_after: None }
    }

    /// A wrong command line.
    pub(crate) fn usage(detail: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", detail)
    }

    /// The operator did not confirm.
    pub(crate) fn declined() -> Self {
        Self::new(Exit::Failed, "declined", "the confirmation does not match; nothing was changed")
    }

    /// Adds what to do.
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The document of a failure with `--json`.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "detail": self.detail });
        if let Some(advice) = &self.advice {
            error["advice"] = advice.as_str().into();
        }
        if let Some(tracking_id) = &self.tracking_id {
            error["tracking_id"] = tracking_id.as_str().into();
        }
        if let Some(seconds) = self.retry_after {
            error["retry_after"] = seconds.into();
        }
        json!({ "error": error })
    }

    /// [`Self::json`] as text.
    pub(crate) fn json_text(&self) -> String {
        format!("{:#}\n", self.json())
    }

    /// The failure for people.
    pub(crate) fn text(&self, colors: bool) -> String {
        let label = console::style("error:").red().bold().force_styling(colors);
        let mut text = format!("{label} {}", self.detail);
        if let Some(tracking_id) = &self.tracking_id {
            let _ = write!(text, "\n  tracking id: {tracking_id}");
        }
        if let Some(seconds) = self.retry_after {
            let _ = write!(text, "\n  try again after {seconds} seconds");
        }
        if let Some(advice) = &self.advice {
            let _ = write!(text, "\n  what to do: {advice}");
        }
        text
    }
}
