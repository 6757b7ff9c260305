//! What somebody asks for: an app, a name for the grant, and scopes.

use broker_core::id::{AppName, GrantId, Subject};
use broker_core::request::{AppKind, AppSummary};

use crate::Refusal;
use crate::query::{Parameters, encode};

/// Scope strings that are longer work, but are near the end of what Webex takes.
pub(crate) const WARN_OVER: usize = 800;
/// Scope strings that are longer are refused: Webex takes about this many characters.
pub(crate) const REFUSE_OVER: usize = 880;
/// What the minter cannot do without.
pub(crate) const MINTER_SCOPES: [&str; 3] =
    ["spark:applications_token", "application:webhooks_write", "application:webhooks_read"];
/// The grant's name if none was chosen.
pub(crate) const DEFAULT_SUBJECT: &str = "default";

/// An app that can be consented to.
#[derive(Debug, Clone)]
pub(crate) struct Integration {
    pub(crate) name: AppName,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// The operator's list; `None` lets the user choose.
    pub(crate) scopes: Option<Vec<String>>,
}

impl Integration {
    pub(crate) fn of(app: AppSummary) -> Option<Self> {
        let redirect_uri = app.redirect_uri?;
        (app.kind == AppKind::Integration).then_some(Self {
            name: app.app,
            client_id: app.client_id,
            redirect_uri,
            scopes: app.scopes,
        })
    }
}

/// How a scope string's length is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Fits,
    Long,
    TooLong,
}

/// The app's and the grant's name, as asked for.
pub(crate) fn grant(parameters: &Parameters) -> Result<GrantId, Refusal> {
    let app = parameters.one("app").unwrap_or_default().trim();
    let subject = parameters.one("subject").unwrap_or(DEFAULT_SUBJECT).trim();
    let app = AppName::parse(app).map_err(|error| Refusal::BadName(error.to_string()))?;
    let subject = Subject::parse(subject).map_err(|error| Refusal::BadName(error.to_string()))?;
    Ok(GrantId::new(app, subject))
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) id: GrantId,
    /// Each once, in the order of the request. Never empty.
    pub(crate) scopes: Vec<String>,
    /// Whether the access token is to be shown once.
    pub(crate) show: bool,
}

impl Choice {
    /// Where the operator wrote a list, that list counts and nothing else.
    pub(crate) fn read(id: GrantId, parameters: &Parameters, app: &Integration) -> Result<Self, Refusal> {
        let scopes = match &app.scopes {
            Some(list) => list.clone(),
            None => scopes(parameters),
        };
        if let Some(wrong) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(Refusal::BadScope(wrong.clone()));
        }
        if scopes.is_empty() {
            return Err(Refusal::NoScopes);
        }
        let show = parameters.one("show").is_some();
        Ok(Self { id, scopes, show })
    }

    /// As Webex is asked for it: separated by blanks.
    pub(crate) fn scope(&self) -> String {
        self.scopes.join(" ")
    }

    pub(crate) fn length(&self) -> (usize, Length) {
        let characters = self.scope().len();
        let length = if characters > REFUSE_OVER {
            Length::TooLong
        } else if characters > WARN_OVER {
            Length::Long
        } else {
            Length::Fits
        };
        (characters, length)
    }

    /// The parameters that ask for the same again.
    pub(crate) fn query(&self) -> String {
        let scope = self.scope();
        let named = [("app", self.id.app.as_str()), ("subject", self.id.subject.as_str()), ("scope", &scope)];
        encode(named.into_iter().chain(self.show.then_some(("show", "1"))))
    }
}

/// All scopes of the parameters, each once: a parameter may hold one or many.
pub(crate) fn scopes(parameters: &Parameters) -> Vec<String> {
    let mut scopes = Vec::new();
    for scope in parameters.all("scope").iter().flat_map(|text| text.split_whitespace()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// Whether `text` can be a scope (RFC 6749 section 3.3).
pub(crate) fn is_scope(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(length: usize) -> Choice {
        Choice {
            id: GrantId::parse("minter/default").unwrap(),
            scopes: vec!["a".repeat(length - 2), "b".to_owned()],
            show: false,
        }
    }

    #[test]
    fn over_800_warns_and_over_880_refuses() {
        for (length, expected) in
            [(800, Length::Fits), (801, Length::Long), (880, Length::Long), (881, Length::TooLong)]
        {
            assert_eq!(choice(length).length(), (length, expected));
        }
    }

    #[test]
    fn what_can_end_a_scope_string_is_no_scope() {
        for good in ["spark:all", "Identity:Config", "a<b>&'"] {
            assert!(is_scope(good), "{good}");
        }
        for bad in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
            assert!(!is_scope(bad), "{bad:?}");
        }
    }
}
