//! Applications.

use std::fmt;

use super::urn;

/// A Webex application (a Service App or an Integration) by its public id. Two ids are equal if they name the same
/// application, whatever region or padding they were written with.
#[derive(Clone)]
pub struct ApplicationId(String);

impl ApplicationId {
    /// Takes an id as Webex or an operator wrote it.
    pub fn new(written: impl Into<String>) -> Self {
        Self(written.into())
    }

    /// The id that Webex derives from a client id. It can differ for some apps, hence the explicit setting.
    pub fn of_client(client_id: &str) -> Self {
        Self(urn::encode("APPLICATION", client_id))
    }

    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key(&self) -> String {
        let decoded = urn::decode(&self.0);
        let id = decoded.as_deref().and_then(|urn| urn::id_of_kind(urn, "APPLICATION"));
        id.unwrap_or(self.0.trim_end_matches('=')).to_owned()
    }
}

impl PartialEq for ApplicationId {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.key() == other.key()
    }
}

impl Eq for ApplicationId {}

impl fmt::Display for ApplicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ApplicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApplicationId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn it_is_derived_from_the_client_id() {
        let id = ApplicationId::of_client("Cabc");
        assert_eq!(id.as_str(), "Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0NhYmM");
    }

    #[test]
    fn region_and_padding_make_no_difference() {
        let elsewhere = STANDARD.encode("ciscospark://eu/APPLICATION/Cabc");
        assert_eq!(ApplicationId::of_client("Cabc"), ApplicationId::new(elsewhere));
        assert_eq!(ApplicationId::of_client("Cabc"), ApplicationId::new("Cabc"));
        assert_ne!(ApplicationId::of_client("Cabc"), ApplicationId::of_client("Cabd"));
    }
}
