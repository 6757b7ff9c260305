//! What Webex sends a browser back with when there is no grant (RFC 6749 section 4.1.2.1).

use crate::choice::Choice;
use crate::query::Parameters;

/// The longest description that a page has room for.
const LONGEST: usize = 400;

/// Webex's error, with what had been asked for.
#[derive(Debug)]
pub(crate) struct Returned {
    /// What had been asked for.
    pub(crate) choice: Choice,
    /// `error`
    pub(crate) code: String,
    /// `error_description`
    pub(crate) description: Option<String>,
    /// Webex's tracking id, where it says one.
    pub(crate) tracking_id: Option<String>,
}

impl Returned {
    /// The error among the parameters, if there is one.
    pub(crate) fn of(parameters: &Parameters, choice: &Choice) -> Option<Self> {
        let code = parameters.one("error")?;
        let description = parameters.one("error_description").map(shortened);
        let named = ["trackingId", "trackingid", "tracking_id", "TrackingID"];
        let named = named.iter().find_map(|name| parameters.one(name)).map(shortened);
        Some(Self {
            choice: choice.clone(),
            code: shortened(code),
            tracking_id: named.or_else(|| tracking_id_in(description.as_deref()?)),
            description,
        })
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// A tracking id inside a description, such as `ROUTERGW_` and a UUID.
fn tracking_id_in(text: &str) -> Option<String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let mut words = text.split(|c| !letters(c));
    let is_uuid = |tail: &str| tail.len() == 36 && tail.matches('-').count() == 4;
    let found = words.find(|word| word.split_once('_').is_some_and(|(_, tail)| is_uuid(tail)));
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracking_id_is_found_in_words() {
        let id = "ROUTERGW_ce861fba-6e2f-49f9-9a84-b354008fac9e";
        assert_eq!(tracking_id_in(&format!("Failed. (Tracking ID: {id})")).as_deref(), Some(id));
        assert_eq!(tracking_id_in("No user entitled service in request scopes"), None);
    }
}
