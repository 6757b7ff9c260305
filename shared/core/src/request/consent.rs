//! What consent asks and is told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::app::AppType;
use crate::grant::State;
use crate::id::{AppName, GrantId};
use crate::token::{AccessToken, AuthorizationCode, CodeVerifier, LinkToken};

/// Which apps are there?
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Apps {}

/// All apps, without their secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppList {
    /// In no order.
    pub apps: Vec<AppSummary>,
}

/// One app, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppSummary {
    /// The operator's name for it.
    pub app: AppName,
    /// What sort of Webex application it is.
    pub kind: AppKind,
    /// `C` and 64 hexadecimal digits.
    pub client_id: String,
    /// Where Webex sends the authorization code; an Integration's alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_uri: Option<String>,
    /// An Integration's static scopes; `None` lets the user choose.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scopes: Option<Vec<String>>,
}

/// The two sorts of Webex application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// Authorised by an org's admin.
    ServiceApp,
    /// Consented to by a user.
    Integration,
}

impl AppKind {
    /// The sort of an app.
    pub fn of(app: &AppType) -> Self {
        match app {
            AppType::ServiceApp(_) => Self::ServiceApp,
            AppType::Integration(_) => Self::Integration,
        }
    }
}

/// An authorization code, brought by consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Which grant it makes.
    #[serde(flatten)]
    pub id: GrantId,
    /// The code.
    #[serde(serialize_with = "code_on_the_wire")]
    pub code: AuthorizationCode,
    /// The redirect URI that the authorization request named.
    pub redirect_uri: String,
    /// The PKCE verifier.
    #[serde(serialize_with = "verifier_on_the_wire")]
    pub code_verifier: CodeVerifier,
    /// Whether the person wants to see the access token.
    #[serde(default)]
    pub show: bool,
    /// The link that the person came by, in place of an operator's session.
    #[serde(
        serialize_with = "super::link::optional_link_on_the_wire",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub link: Option<LinkToken>,
}

fn code_on_the_wire<S: Serializer>(code: &AuthorizationCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(code.expose())
}

fn verifier_on_the_wire<S: Serializer>(verifier: &CodeVerifier, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(verifier.expose())
}

/// What [`Exchange`] led to.
#[derive(Debug, Clone, Deserialize)]
pub struct Granted {
    /// Where the grant stands now.
    pub state: State,
    /// When the access token ends.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// What was granted, separated by blanks, where Webex says it.
    #[serde(default)]
    pub scope: Option<String>,
    /// The organisation of the account that consented, where its token names it.
    #[serde(default)]
    pub org: Option<String>,
    /// The access token, if it was asked for and both functions may show it.
    #[serde(default)]
    pub access_token: Option<AccessToken>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{CommandAnswer, RefresherRequest};
    use serde_json::json;

    #[test]
    fn the_requests_are_tagged_as_the_contract_says() {
        let apps = serde_json::to_value(RefresherRequest::Apps(Apps {})).unwrap();
        assert_eq!(apps, json!({"apps": {}}));
        let exchange = RefresherRequest::Exchange(Exchange {
            id: GrantId::parse("minter/default").unwrap(),
            code: AuthorizationCode::new("c"),
            redirect_uri: "https://x.example/callback".to_owned(),
            code_verifier: CodeVerifier::new("v"),
            show: false,
            link: None,
        });
        let expected = json!({"exchange": {"app": "minter", "subject": "default", "code": "c",
            "redirect_uri": "https://x.example/callback", "code_verifier": "v", "show": false}});
        assert_eq!(serde_json::to_value(&exchange).unwrap(), expected);
        let shown = format!("{exchange:?}");
        assert!(!shown.contains("\"c\"") && shown.contains("AuthorizationCode([redacted])"), "{shown}");
    }

    #[test]
    fn an_answer_is_what_was_granted_or_why_not() {
        let granted = json!({"state": "active", "expires_at": "2026-12-05T12:00:00Z", "scope": null});
        let CommandAnswer::Done(granted) = serde_json::from_value::<CommandAnswer<Granted>>(granted).unwrap() else {
            panic!("refused");
        };
        assert_eq!((granted.state, granted.scope), (State::Active, None));
        let refused = json!({"error": {"code": "invalid_grant", "detail": "used", "tracking_id": "R"}});
        assert!(matches!(serde_json::from_value::<CommandAnswer<Granted>>(refused), Ok(CommandAnswer::Refused { .. })));
    }
}
