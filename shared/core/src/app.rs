//! What the operator says about an app.

use crate::data_sources::WantedDataSource;
use crate::id::{AppName, ApplicationId, OrgId};
use crate::token::{ClientSecret, WebhookSecret};

/// The client credentials (RFC 6749 section 2.3.1) of a Service App or an Integration.
#[derive(Debug, Clone)]
pub struct Client {
    /// `C` and 64 hexadecimal digits.
    pub id: String,
    /// Its secret.
    pub secret: ClientSecret,
}

/// An app as the secret `apps/{app}` describes it.
#[derive(Debug, Clone)]
pub struct App {
    /// The operator's name for it.
    pub name: AppName,
    /// Its credentials.
    pub client: Client,
    /// What sort of Webex application it is.
    pub kind: AppType,
    /// Mistakes in the secret that leave the app usable, in words that quote no value: an entry of `orgs` that is no
    /// organisation id, a field that is not known. Sweeps report them.
    pub problems: Vec<String>,
    /// The version of the secret.
    pub version: String,
}

impl App {
    /// The data sources that every org of the app is to have.
    pub fn data_sources(&self) -> &[WantedDataSource] {
        match &self.kind {
            AppType::ServiceApp(service_app) => &service_app.data_sources,
            AppType::Integration(_) => &[],
        }
    }

    /// What there is to know of it as an Integration, if it is one.
    pub fn integration(&self) -> Option<&Integration> {
        match &self.kind {
            AppType::Integration(integration) => Some(integration),
            AppType::ServiceApp(_) => None,
        }
    }
}

/// The two sorts of Webex application that hold grants.
#[derive(Debug, Clone)]
pub enum AppType {
    /// Authorised by an org's admin; its pairs are minted.
    ServiceApp(ServiceApp),
    /// Consented to by a user; its pairs come from an authorization code.
    Integration(Integration),
}

/// A Service App.
#[derive(Debug, Clone)]
pub struct ServiceApp {
    /// Explicit, or derived from the client id.
    pub application_id: ApplicationId,
    /// Orgs that every sweep looks at even if no event ever came.
    pub orgs: Vec<OrgId>,
    /// Data sources that are kept alive in every org, at most [`WantedDataSource::MOST`].
    pub data_sources: Vec<WantedDataSource>,
}

/// An Integration.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Where Webex sends the authorization code.
    pub redirect_uri: String,
    /// The static scopes; `None` lets the user choose.
    pub scopes: Option<Vec<String>>,
}

/// The secret `webhooks/{app}`: what signs the deliveries for one app.
#[derive(Debug, Clone)]
pub struct WebhookSecrets {
    /// All are accepted, so that one can be rotated; the first is the one registered. Never empty.
    pub secrets: Vec<WebhookSecret>,
    /// The Service App that the deliveries are about, if the operator wrote it down.
    pub application_id: Option<ApplicationId>,
    /// Mistakes in the secret that leave it usable, in words that quote no value. Sweeps report them.
    pub problems: Vec<String>,
}
