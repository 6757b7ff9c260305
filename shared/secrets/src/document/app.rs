//! `apps/{app}`, written by the operator.

use broker_core::app::{App, AppType, Client, Integration, ServiceApp};
use broker_core::id::{AppName, ApplicationId, OrgId};
use broker_core::token::ClientSecret;
use serde::{Deserialize, Deserializer};

use super::{Defect, parse, require_filled};

#[derive(Deserialize)]
struct AppDocument {
    kind: AppDocumentKind,
    client_id: String,
    client_secret: ClientSecret,
    application_id: Option<String>,
    #[serde(default)]
    orgs: Vec<OrgField>,
    redirect_uri: Option<String>,
    scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AppDocumentKind {
    ServiceApp,
    Integration,
}

/// An organisation in any form that Webex writes.
struct OrgField(OrgId);

impl<'de> Deserialize<'de> for OrgField {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match OrgId::parse(&text) {
            Ok(org) => Ok(Self(org)),
            Err(_) => Err(serde::de::Error::custom("expected an organisation id")),
        }
    }
}

/// Reads the description of the app `name`.
pub(crate) fn read(name: &AppName, text: &str) -> Result<App, Defect> {
    let document: AppDocument = parse(text)?;
    require_filled("client_id", document.client_id.is_empty())?;
    require_filled("client_secret", document.client_secret.is_empty())?;
    require_filled("application_id", document.application_id.as_deref() == Some(""))?;
    Ok(App {
        name: name.clone(),
        kind: kind(&document),
        client: Client { id: document.client_id, secret: document.client_secret },
        problems: Vec::new(),
    })
}

fn kind(document: &AppDocument) -> AppType {
    match document.kind {
        AppDocumentKind::ServiceApp => AppType::ServiceApp(ServiceApp {
            application_id: application_id(document),
            orgs: document.orgs.iter().map(|OrgField(org)| org.clone()).collect(),
        }),
        AppDocumentKind::Integration => AppType::Integration(Integration {
            // An Integration whose pair is imported, as a minter's may be, needs no redirect URI.
            redirect_uri: document.redirect_uri.clone().unwrap_or_default(),
            scopes: document.scopes.clone(),
        }),
    }
}

fn application_id(document: &AppDocument) -> ApplicationId {
    match &document.application_id {
        Some(written) => ApplicationId::new(written),
        None => ApplicationId::of_client(&document.client_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: &str = "ce861fba-6e2f-49f9-9a84-b354008fac9e";
    const ORG_BASE64: &str = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9jZTg2MWZiYS02ZTJmLTQ5ZjktOWE4NC1iMzU0MDA4ZmFjOWU";

    fn app(text: &str) -> Result<App, Defect> {
        read(&AppName::parse("reports").unwrap(), text)
    }

    fn service_app(more: &str) -> ServiceApp {
        let text = format!(r#"{{"kind":"service_app","client_id":"Cabc","client_secret":"s"{more}}}"#);
        match app(&text).unwrap().kind {
            AppType::ServiceApp(it) => it,
            AppType::Integration(it) => panic!("{it:?}"),
        }
    }

    #[test]
    fn application_id_is_derived_from_the_client_id_if_absent() {
        assert_eq!(service_app("").application_id, ApplicationId::of_client("Cabc"));
        let explicit = service_app(r#","application_id":"Y2lzother""#);
        assert_eq!(explicit.application_id.as_str(), "Y2lzother");
    }

    #[test]
    fn orgs_are_read_in_any_form_of_id() {
        let it = service_app(&format!(r#","orgs":["{}","{ORG_BASE64}"]"#, ORG.to_uppercase()));
        assert_eq!(it.orgs, [OrgId::parse(ORG).unwrap(), OrgId::parse(ORG).unwrap()]);
    }

    #[test]
    fn integration_without_scopes_lets_the_user_choose() {
        let text =
            r#"{"kind":"integration","client_id":"C","client_secret":"s","redirect_uri":"https://a/callback","x":1}"#;
        let AppType::Integration(it) = app(text).unwrap().kind else { panic!("no integration") };
        assert_eq!((it.redirect_uri.as_str(), it.scopes), ("https://a/callback", None));
    }

    #[test]
    fn read_names_missing_empty_and_wrong_fields() {
        let table = [
            (r#"{"client_id":"C","client_secret":"CANARY"}"#, "missing field `kind`"),
            (
                r#"{"kind":"CANARY","client_id":"C","client_secret":"CANARY"}"#,
                "kind: expected `service_app` or `integration`",
            ),
            (r#"{"kind":"service_app","client_secret":"CANARY"}"#, "missing field `client_id`"),
            (r#"{"kind":"service_app","client_id":"C"}"#, "missing field `client_secret`"),
            (r#"{"kind":"service_app","client_id":"","client_secret":"CANARY"}"#, "client_id: must not be empty"),
            (r#"{"kind":"service_app","client_id":"C","client_secret":""}"#, "client_secret: must not be empty"),
            (
                r#"{"kind":"service_app","client_id":"C","client_secret":["CANARY"]}"#,
                "client_secret: expected a string",
            ),
            (
                r#"{"kind":"service_app","client_id":"C","client_secret":"CANARY","orgs":["x","CANARY"]}"#,
                "orgs[0]: expected an organisation id",
            ),
            (
                r#"{"kind":"service_app","client_id":"C","client_secret":"CANARY","application_id":""}"#,
                "application_id: must not be empty",
            ),
        ];
        for (text, reason) in table {
            assert_eq!(app(text).unwrap_err(), reason, "{text}");
        }
    }
}
