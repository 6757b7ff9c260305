//! The error with which Webex redirects a browser back (RFC 6749 section 4.1.2.1).

use crate::parameters::Parameters;

/// Longer texts are cut, so that they fit on a page.
const MAX_CHARACTERS: usize = 400;
/// How Webex spells the parameter.
const TRACKING_ID: [&str; 4] = ["trackingId", "trackingid", "tracking_id", "TrackingID"];

/// An error response of Webex's authorization endpoint.
#[derive(Debug)]
pub(crate) struct AuthorizationError {
    /// `error`
    pub(crate) code: String,
    /// `error_description`
    pub(crate) description: Option<String>,
    /// Webex's tracking id: a parameter of its own, or part of the description.
    pub(crate) tracking_id: Option<String>,
}

impl AuthorizationError {
    /// Reads the error; `None` if the parameters hold none.
    pub(crate) fn read(parameters: &Parameters) -> Option<Self> {
        let code = shortened(parameters.get("error")?);
        let description = parameters.get("error_description").map(shortened);
        let mut tracking_id = TRACKING_ID.iter().find_map(|name| parameters.get(name)).map(shortened);
        if tracking_id.is_none() {
            tracking_id = description.as_deref().and_then(find_tracking_id);
        }
        Some(Self { code, description, tracking_id })
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_CHARACTERS).collect()
}

/// Finds a tracking id, such as `ROUTERGW_` followed by a UUID, in a text.
fn find_tracking_id(text: &str) -> Option<String> {
    let is_separator = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-';
    for word in text.split(is_separator) {
        if let Some((_, uuid)) = word.split_once('_')
            && uuid.len() == 36
            && uuid.matches('-').count() == 4
        {
            return Some(word.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_tracking_id_reads_a_description() {
        let id = "ROUTERGW_ce861fba-6e2f-49f9-9a84-b354008fac9e";
        assert_eq!(find_tracking_id(&format!("Failed. (Tracking ID: {id})")).as_deref(), Some(id));
        assert_eq!(find_tracking_id("No user entitled service in request scopes"), None);
    }
}
