//! The text of an error page.

use lambda_http::http::StatusCode;

/// What happened and what to do.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    /// What happened.
    pub(crate) lead: String,
    /// What to do, the most likely first.
    pub(crate) steps: Vec<String>,
    /// The error code of Webex or the refresher.
    pub(crate) code: Option<String>,
    /// What Webex or the refresher said, or the value that is wrong.
    pub(crate) detail: Option<String>,
}

impl Message {
    pub(crate) fn new<const N: usize>(status: StatusCode, title: &str, lead: &str, steps: [&str; N]) -> Self {
        Self {
            status,
            title: title.to_owned(),
            lead: lead.to_owned(),
            steps: steps.map(str::to_owned).to_vec(),
            code: None,
            detail: None,
        }
    }
}
