//! The apps of the model, as an operator describes them.

use broker_core::app::{App, AppType, Client, Integration, ServiceApp};
use broker_core::id::{AppName, ApplicationId, OrgId};
use broker_core::token::ClientSecret;

/// The app of that name; `orgs` are those that its secret names.
pub(super) fn described(name: &str, orgs: &[OrgId]) -> App {
    let kind = match name {
        "minter" => AppType::Integration(Integration {
            redirect_uri: "https://broker.example/callback".to_owned(),
            scopes: None,
        }),
        _ => AppType::ServiceApp(ServiceApp {
            application_id: ApplicationId::of_client("C1"),
            orgs: orgs.to_vec(),
            data_sources: Vec::new(),
        }),
    };
    let client = Client { id: "C1".to_owned(), secret: ClientSecret::new("secret") };
    App { name: AppName::parse(name).unwrap(), client, kind, problems: Vec::new(), version: "1".to_owned() }
}
