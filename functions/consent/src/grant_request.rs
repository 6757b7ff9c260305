//! What a person asks Webex for: a grant with a name, and scopes.

use broker_core::id::GrantId;
use url::form_urlencoded;

/// Longer scope strings get a warning, because they are near the limit.
pub(crate) const WARN_ABOVE: usize = 800;
/// Longer scope strings are refused: Webex accepts about this many characters.
pub(crate) const REFUSE_ABOVE: usize = 880;
/// The scopes that the minter needs.
pub(crate) const MINTER_SCOPES: [&str; 3] =
    ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
/// The name of a grant if none was given.
pub(crate) const DEFAULT_SUBJECT: &str = "default";

/// How the length of a scope string compares with what Webex accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeLength {
    Fits,
    Long,
    TooLong,
}

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrantRequestError {
    /// The name of the app or of the grant is malformed; the text says what is allowed.
    #[error("{0}")]
    InvalidName(String),
    /// A character that no scope has. The text does not quote the scope.
    #[error("a scope has a character that scopes cannot have")]
    InvalidScope(String),
    /// No scope was chosen.
    #[error("no scopes were chosen")]
    NoScopes,
}

/// A request for one grant.
#[derive(Debug, Clone)]
pub(crate) struct GrantRequest {
    pub(crate) id: GrantId,
    /// Each once, in the order of the request. Never empty.
    pub(crate) scopes: Vec<String>,
    /// Whether to show the access token at the end.
    pub(crate) show: bool,
}

impl GrantRequest {
    pub(crate) fn new(id: GrantId, scopes: Vec<String>, show: bool) -> Result<Self, GrantRequestError> {
        if let Some(invalid) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(GrantRequestError::InvalidScope(invalid.clone()));
        }
        if scopes.is_empty() {
            return Err(GrantRequestError::NoScopes);
        }
        Ok(Self { id, scopes, show })
    }

    /// The scopes as OAuth's `scope` parameter (RFC 6749 section 3.3).
    pub(crate) fn scope(&self) -> String {
        self.scopes.join(" ")
    }

    /// The number of characters of [`scope`](Self::scope), and how it compares with the limit.
    pub(crate) fn length(&self) -> (usize, ScopeLength) {
        let characters = self.scope().len();
        let length = if characters > REFUSE_ABOVE {
            ScopeLength::TooLong
        } else if characters > WARN_ABOVE {
            ScopeLength::Long
        } else {
            ScopeLength::Fits
        };
        (characters, length)
    }

    /// The query string that makes the same request again.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("app", self.id.app.as_str())
            .append_pair("subject", self.id.subject.as_str())
            .append_pair("scope", &self.scope());
        if self.show {
            query.append_pair("show", "1");
        }
        query.finish()
    }
}

/// Whether `text` is a scope (RFC 6749 section 3.3).
pub(crate) fn is_scope(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_length(length: usize) -> GrantRequest {
        let scopes = vec!["a".repeat(length - 2), "b".to_owned()];
        GrantRequest::new(GrantId::parse("minter/default").unwrap(), scopes, false).unwrap()
    }

    #[test]
    fn length_warns_above_800_and_refuses_above_880() {
        for (length, expected) in
            [(800, ScopeLength::Fits), (801, ScopeLength::Long), (880, ScopeLength::Long), (881, ScopeLength::TooLong)]
        {
            assert_eq!(with_length(length).length(), (length, expected));
        }
    }

    #[test]
    fn scope_cannot_end_a_scope_string() {
        for scope in ["spark:all", "Identity:Config", "a<b>&'"] {
            assert!(is_scope(scope), "{scope}");
        }
        for text in ["", "a b", "a\"b", "a\\b", "\u{e4}", "a\n"] {
            assert!(!is_scope(text), "{text:?}");
        }
    }
}
